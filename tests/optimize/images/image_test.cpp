#include "trtprof/optimize/images/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/calibrate/distributions.h"
#include "optimize/images/image_fixtures.h"

namespace trtprof {
namespace {

using test::image_bytes;
using test::largest_difference;
using test::pillows;
using testing::HasSubstr;
using testing::Not;

std::string problem(std::string_view bytes) {
  const auto image = decode_image(bytes, "pictures/a\x1b.jpg");
  return image ? "" : image.error().message;
}

class DecodedImage : public testing::TestWithParam<const char*> {};

TEST_P(DecodedImage, IsPillows) {
  const auto image = load_image(test::kImages + GetParam());
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->width, 45U);
  EXPECT_EQ(image->height, 31U);
  EXPECT_EQ(largest_difference(*image, pillows(GetParam())), 0);
}

// A file that was cut off is an error, and none that was damaged ends the program.
TEST_P(DecodedImage, DamageIsAnErrorOrAnotherPicture) {
  const std::string whole = image_bytes(GetParam());
  for (std::size_t length = 0; length < whole.size(); length += 1 + length / 50) {
    if (length + 16 > whole.size()) break;  // what PNG has behind its pixels, and the end mark of JPEG
    EXPECT_NE(problem(std::string_view(whole).substr(0, length)), "") << length;
  }
  test::Uniform uniform;
  for (int i = 0; i < 300; ++i) {
    std::string damaged = whole;
    for (int changes = 0; changes <= i % 5; ++changes) {
      damaged[static_cast<std::size_t>(uniform() * static_cast<double>(whole.size()))] =
          static_cast<char>(static_cast<int>(uniform() * 256));
    }
    const auto image = decode_image(damaged, "damaged");
    if (image) {
      EXPECT_EQ(image->pixels.size(), std::size_t{image->width} * image->height * 3);
    } else {
      EXPECT_THAT(image.error().message, HasSubstr("damaged"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, DecodedImage,
                         testing::Values("colour.jpg", "progressive.jpg", "turned.jpeg", "grey.JPG", "colour.png",
                                         "grey.png", "black_white.png", "palette.png", "alpha.png", "colour16.png",
                                         "grey16.png", "interlaced.png", "gamma.png"));

TEST(Image, CmykIsRefused) {
  const std::string message = problem(image_bytes("cmyk.jpg"));
  EXPECT_THAT(message, HasSubstr("is a JPEG in CMYK"));
  EXPECT_THAT(message, Not(HasSubstr("\x1b")));
}

TEST(Image, WhatIsNoneSaysSo) {
  EXPECT_THAT(problem(""), HasSubstr("neither JPEG nor PNG"));
  EXPECT_THAT(problem("GIF89a"), HasSubstr("neither JPEG nor PNG"));
  EXPECT_THAT(problem("\xFF\xD8\xFF"), HasSubstr("is no good JPEG"));
  EXPECT_THAT(problem("\x89PNG\r\n\x1a\n"), HasSubstr("is no good PNG: it ends too early"));
  const auto missing = load_image(test::kImages + "none.jpg");
  ASSERT_FALSE(missing.has_value());
  EXPECT_THAT(missing.error().message, HasSubstr("none.jpg"));
}

// A few hundred bytes that claim gigabytes: refused before memory is taken.
TEST(Image, AClaimOfTooManyPixelsIsRefused) {
  std::string jpeg = image_bytes("colour.jpg");
  const std::size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC");
  EXPECT_THAT(problem(jpeg), HasSubstr("claims 65500x65500 pixels"));
}

TEST(Image, GreyIsPillowsLuma) {
  const Image grey = to_grey(*load_image(test::kImages + "colour.png"));
  EXPECT_EQ(grey.channels, 1U);
  EXPECT_EQ(largest_difference(grey, pillows("luma")), 0);
  EXPECT_EQ(to_grey(grey), grey);
}

}  // namespace
}  // namespace trtprof
