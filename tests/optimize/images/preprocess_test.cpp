#include "trtprof/optimize/images/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/images/image_fixtures.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::FloatNear;
using testing::HasSubstr;

Preprocess parsed(const std::string& text) {
  const auto preprocess = preprocess_from_json(text, "preprocess.json");
  if (!preprocess) {
    ADD_FAILURE() << preprocess.error().message;
    return {};
  }
  return *preprocess;
}

std::string problem(const std::string& text) {
  const auto preprocess = preprocess_from_json(text, "preprocess.json");
  return preprocess ? "" : preprocess.error().message;
}

// Two pixels beside each other.
Image two() {
  return {2, 1, 3, {0, 51, 255, 102, 153, 204}};
}

std::vector<float> numbers(const Image& image, const Preprocess& preprocess) {
  std::vector<float> values;
  append_numbers(image, preprocess, values);
  return values;
}

TEST(Preprocess, EachKeyReachesItsField) {
  const Preprocess imagenet = parsed(
      R"({"resize": {"shortest_side": 256}, "crop": {"width": 224, "height": 200}, "channels": "BGR", "layout": "NHWC",
          "interpolation": "bicubic", "scale": "1/255", "mean": [0.5, 0.25, 0], "std": 2})");
  EXPECT_EQ(imagenet.shortest_side, 256U);
  EXPECT_EQ(imagenet.resize, std::nullopt);
  EXPECT_EQ(imagenet.crop, (ImageSize{224, 200}));
  EXPECT_EQ(imagenet.channels, ChannelOrder::bgr);
  EXPECT_EQ(imagenet.interpolation, Interpolation::bicubic);
  EXPECT_TRUE(imagenet.channels_last);
  EXPECT_EQ(imagenet.scale, 1.0F / 255.0F);
  EXPECT_THAT(imagenet.mean, ElementsAre(0.5F, 0.25F, 0.0F));
  EXPECT_THAT(imagenet.std, ElementsAre(2.0F));
  EXPECT_THAT(imagenet.shape({224, 200}), ElementsAre(200, 224, 3));
  EXPECT_EQ(parsed("{}"), Preprocess{});
  const Preprocess grey = parsed(R"({"resize": {"width": 32, "height": 16}, "channels": "grey", "scale": 0.5})");
  EXPECT_EQ(grey.size(), (ImageSize{32, 16}));
  EXPECT_THAT(grey.shape(*grey.size()), ElementsAre(1, 16, 32));
  EXPECT_EQ(parsed(R"({"resize": {"shortest_side": 9}})").size(), std::nullopt);
}

TEST(Preprocess, WhatIsWrongIsNamed) {
  EXPECT_EQ(problem("{"), "preprocess.json is not JSON");
  EXPECT_THAT(problem("[]"), HasSubstr("it is no object"));
  EXPECT_THAT(problem(R"({"scales": 1})"), HasSubstr("has no 'scales': resize, interpolation, crop"));
  EXPECT_THAT(problem(R"({"resize": 224})"), HasSubstr("'resize' is to be an object"));
  EXPECT_THAT(problem(R"({"resize": {"width": 224}})"), HasSubstr("'resize/height' is to be a number of pixels"));
  EXPECT_THAT(problem(R"({"resize": {"width": 0, "height": 1}})"), HasSubstr("'resize/width'"));
  EXPECT_THAT(problem(R"({"resize": {"width": 70000, "height": 1}})"), HasSubstr("1 to 65535"));
  EXPECT_THAT(problem(R"({"resize": {"shortest_side": 2, "width": 1}})"), HasSubstr("either the shortest_side"));
  EXPECT_THAT(problem(R"({"crop": {"width": 2, "height": 1, "x": 3}})"), HasSubstr("crop has no 'x'"));
  EXPECT_THAT(problem(R"({"channels": "rgb"})"), HasSubstr("'channels' is to be RGB or BGR or grey"));
  EXPECT_THAT(problem(R"({"layout": 1})"), HasSubstr("'layout' is to be NCHW or NHWC"));
  EXPECT_THAT(problem(R"({"interpolation": "nearest"})"), HasSubstr("bilinear or bicubic"));
  EXPECT_THAT(problem(R"({"scale": "1/256"})"), HasSubstr("'scale' is to be a number"));
  EXPECT_THAT(problem(R"({"scale": 1e300})"), HasSubstr("'scale' is to be a number"));
  EXPECT_THAT(problem(R"({"scale": 0})"),
              HasSubstr("'scale' is to be other than zero, which makes all images the same"));
  EXPECT_THAT(problem(R"({"scale": 1e-60})"), HasSubstr("other than zero"));
  EXPECT_THAT(problem(R"({"std": 0})"), HasSubstr("'std' is to be above zero"));
  EXPECT_THAT(problem(R"({"std": 1e-60})"), HasSubstr("'std' is to be above zero"));
  EXPECT_THAT(problem(R"({"mean": [1, 2]})"), HasSubstr("one for each of 3 channels"));
  EXPECT_THAT(problem(R"({"channels": "grey", "mean": [1, 2, 3]})"), HasSubstr("one for each of 1 channels"));
  EXPECT_THAT(problem(R"({"std": [1, 0, 1]})"), HasSubstr("'std' is to be above zero"));
}

TEST(Preprocess, BytesBecomeTheModelsNumbers) {
  EXPECT_THAT(numbers(two(), {}), ElementsAre(0, 102, 51, 153, 255, 204));
  EXPECT_THAT(numbers(two(), parsed(R"({"layout": "NHWC"})")), ElementsAre(0, 51, 255, 102, 153, 204));
  EXPECT_THAT(numbers(two(), parsed(R"({"channels": "BGR"})")), ElementsAre(255, 204, 51, 153, 0, 102));
  const auto scaled = numbers(two(), parsed(R"({"scale": "1/255", "mean": [0.5, 0, 1], "std": [0.5, 1, 2]})"));
  EXPECT_THAT(scaled, ElementsAre(FloatEq(-1), FloatNear(-0.2F, 1e-6F), FloatEq(0.2F), FloatEq(0.6F), FloatEq(0),
                                  FloatNear(-0.1F, 1e-6F)));
}

TEST(Preprocess, TheShortestSideKeepsTheProportions) {
  const Image image = load_image(test::kImages + "colour.png").value();  // 45x31
  const auto made = prepared(image, parsed(R"({"resize": {"shortest_side": 16}})"), "a.png");
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->width, 23U);  // int(16 * 45 / 31)
  EXPECT_EQ(made->height, 16U);
  Image upright{31, 45, 3, image.pixels};
  const auto turned = prepared(upright, parsed(R"({"resize": {"shortest_side": 16}})"), "a.png");
  EXPECT_EQ(turned->width, 16U);
  EXPECT_EQ(turned->height, 23U);
}

TEST(Preprocess, AnImageThatIsTooSmallOrTooLongIsAnError) {
  const Image image = load_image(test::kImages + "colour.png").value();
  const auto small = prepared(image, parsed(R"({"crop": {"width": 64, "height": 16}})"), "a.png");
  ASSERT_FALSE(small.has_value());
  EXPECT_EQ(small.error().message, "a.png is 45x31 where 64x16 pixels are cropped");
  const Image line{60000, 1, 3, std::vector<std::uint8_t>(180000)};
  const auto huge = prepared(line, parsed(R"({"resize": {"shortest_side": 60000}})"), "a.png");
  ASSERT_FALSE(huge.has_value());
  EXPECT_THAT(huge.error().message, HasSubstr("a.png is 60000x1 and would be"));
  const Image column{1, 60000, 3, std::vector<std::uint8_t>(180000)};
  EXPECT_FALSE(prepared(column, parsed(R"({"resize": {"width": 60000, "height": 1}})"), "a.png").has_value());
}

}  // namespace
}  // namespace trtprof
