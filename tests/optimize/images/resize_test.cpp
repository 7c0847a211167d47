#include "trtprof/optimize/images/resize.h"

#include <numeric>

#include <gtest/gtest.h>

#include "optimize/images/image_fixtures.h"

namespace trtprof {
namespace {

using test::largest_difference;
using test::pillows;

Image colour() {
  return load_image(test::kImages + "colour.png").value();
}

TEST(Resize, IsPillowsToTheBit) {
  const Image image = colour();
  for (const auto& [name, interpolation] :
       {std::pair("bilinear ", Interpolation::bilinear), std::pair("bicubic ", Interpolation::bicubic)}) {
    for (const auto& [width, height] :
         {std::pair(16U, 12U), {45U, 7U}, {100U, 80U}, {13U, 31U}, {1U, 1U}, {44U, 30U}, {90U, 17U}, {17U, 60U}}) {
      const std::string size = std::to_string(width) + "x" + std::to_string(height);
      EXPECT_EQ(largest_difference(resized(image, width, height, interpolation), pillows(name + size)), 0)
          << name << size;
    }
  }
  EXPECT_EQ(largest_difference(resized(to_grey(image), 17, 9), pillows("bilinear grey 17x9")), 0);
}

// Else the fixtures could not tell which pass comes first: bytes are rounded between the two.
TEST(Resize, TheOrderOfThePassesIsSeen) {
  const Image image = colour();
  for (const auto& [name, interpolation] :
       {std::pair("bilinear ", Interpolation::bilinear), std::pair("bicubic ", Interpolation::bicubic)}) {
    for (const auto& [width, height] : {std::pair(90U, 17U), {17U, 60U}}) {
      const Image lower_first =
          resized(resized(image, image.width, height, interpolation), width, height, interpolation);
      const std::string size = std::to_string(width) + "x" + std::to_string(height);
      EXPECT_GT(largest_difference(lower_first, pillows(name + size)), 0) << name << size;
    }
  }
}

TEST(Resize, OfTheSameSizeIsTheSame) {
  const Image image = colour();
  EXPECT_EQ(resized(image, image.width, image.height), image);
}

// 5 left over: 2 before. 3 left over: 2 before. 1: none. As Python rounds halves.
TEST(Crop, TakesTheCentre) {
  Image image{9, 1, 1, std::vector<std::uint8_t>(9)};
  std::iota(image.pixels.begin(), image.pixels.end(), std::uint8_t{0});
  const auto first = [&](std::uint32_t width) { return int{centre_cropped(image, width, 1).pixels.front()}; };
  EXPECT_EQ(first(9), 0);
  EXPECT_EQ(first(8), 0);
  EXPECT_EQ(first(7), 1);
  EXPECT_EQ(first(6), 2);
  EXPECT_EQ(first(5), 2);
  EXPECT_EQ(first(4), 2);
  EXPECT_EQ(first(3), 3);
  const Image cropped = centre_cropped(colour(), 11, 21);
  EXPECT_EQ(cropped.pixels.size(), 11U * 21 * 3);
  const Image whole = colour();
  EXPECT_EQ(cropped.pixels[0], whole.pixels[(5 * 45 + 17) * 3]);
}

}  // namespace
}  // namespace trtprof
