#include "trtprof/optimize/calibrate/quantized_weights.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/base/half.h"

namespace trtprof::quantization {
namespace {

using testing::ElementsAre;

TEST(QuantizedWeights, NoWeightIsFurtherAwayThanHalfAStep) {
  std::mt19937 generator(7);
  std::normal_distribution<double> normal(0.0, 0.1);
  const std::vector<std::int64_t> shape = {5, 3, 2, 2};
  std::vector<double> weights(60);
  for (double& weight : weights) weight = normal(generator);
  for (const bool half : {false, true}) {
    const auto result = quantize_weights(weights, shape, 0, half ? std::optional(HalfType::f16) : std::nullopt);
    ASSERT_TRUE(result);
    ASSERT_EQ(result->scales.size(), 5U);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double scale = result->scales[i / 12];
      EXPECT_LE(std::abs(result->values[i] * scale - weights[i]), 0.5 * scale * (1 + 1e-6));
      if (half) {
        EXPECT_EQ(f16_to_float(float_to_f16(result->scales[i / 12])), result->scales[i / 12]);
      }
    }
  }
}

TEST(QuantizedWeights, AxesInTheMiddleAndAtTheEnd) {
  // By place: [[[127, 1], [2, 254]], [[3, 4], [381, 5]]].
  const std::vector<double> weights = {127, 1, 2, 254, 3, 4, 381, 5};
  const std::vector<std::int64_t> shape = {2, 2, 2};
  EXPECT_THAT(quantize_weights(weights, shape, 0, {})->scales, ElementsAre(2.0F, 3.0F));
  EXPECT_THAT(quantize_weights(weights, shape, 1, {})->scales, ElementsAre(1.0F, 3.0F));
  EXPECT_THAT(quantize_weights(weights, shape, 2, {})->scales, ElementsAre(3.0F, 2.0F));
}

TEST(QuantizedWeights, ZeroChannelsHaveAScaleAndInfiniteWeightsNone) {
  const std::vector<std::int64_t> shape = {2, 2};
  EXPECT_THAT(quantize_weights(std::vector<double>{0, 0, 1, -127}, shape, 0, {})->scales, ElementsAre(1.0F, 1.0F));
  EXPECT_THAT(quantize_weights(std::vector<double>{0, 0, 1, -127}, shape, {}, {})->values, ElementsAre(0, 0, 1, -127));
  EXPECT_FALSE(quantize_weights(std::vector<double>{0, 0, 1, std::numeric_limits<double>::infinity()}, shape, 0, {}));
  // Smaller than f32 has normal numbers for.
  const auto tiny = quantize_weights(std::vector<double>{1e-44, 0, 0, 0}, shape, 0, {});
  EXPECT_GE(tiny->scales[0], std::numeric_limits<float>::min());
}

TEST(QuantizedWeights, HalfScalesAreNeverBelow) {
  for (const double scale : {1.0, 0.1, 3.9e-5, 1e-6, 1e-12, 60000.0}) {
    const float half = half_scale(scale, HalfType::f16);
    EXPECT_EQ(f16_to_float(float_to_f16(half)), half);
    const float brain = half_scale(scale, HalfType::bf16);
    EXPECT_EQ(bf16_to_float(float_to_bf16(brain)), brain);
    EXPECT_GE(brain, static_cast<float>(scale));
    EXPECT_LE(brain, scale * 1.01);
    EXPECT_GE(half, static_cast<float>(scale));
    if (scale > 1e-5) {
      EXPECT_LE(half, scale * 1.01);
    }
  }
}

}  // namespace
}  // namespace trtprof::quantization
