// Whole networks against published and independently computed figures.
#include "cost/networks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;

constexpr NetworkTypes kHalf{ElementType::f16, ElementType::f16, ElementType::f32};

CostTotals totals_of(const std::vector<FusedLayer>& layers) {
  CostTotals totals;
  for (const FusedLayer& layer : layers) {
    add(totals, cost_of(layer.facts));
  }
  return totals;
}

double parameters_of(const std::vector<FusedLayer>& layers) {
  double count = 0.0;
  for (const FusedLayer& layer : layers) {
    for (const auto& input : layer.main.inputs) {
      if (input && input->constant) {
        count += static_cast<double>(element_count(*input->shape).value_or(0));
      }
    }
  }
  return count;
}

double bytes_of(const Cost& cost) {
  return *cost.bytes_read + *cost.bytes_written;
}

std::vector<Cost> costs_of_kind(const std::vector<FusedLayer>& layers, const std::string& kind) {
  std::vector<Cost> costs;
  for (const FusedLayer& layer : layers) {
    if (layer.kind == kind) {
      costs.push_back(cost_of(layer.facts));
    }
  }
  return costs;
}

TEST(MobileNetV2, HasThePublishedMultiplyAddsAndParameters) {
  const auto layers = mobilenet_v2(1, {});
  ASSERT_EQ(layers.size(), 54U);
  const CostTotals totals = totals_of(layers);
  EXPECT_EQ(totals.unknown_operators, 0);
  EXPECT_THAT(totals.macs, DoubleEq(300'774'272.0));  // torchvision's "0.30 GFLOPS", the paper's 300 M
  // 3,504,872 in torchvision: less the 34,112 batch-norm pairs, whose shifts became the 17,056 biases.
  EXPECT_THAT(parameters_of(layers), DoubleEq(3'504'872.0 - 2 * 17'056.0 + 17'056.0));
}

TEST(MobileNetV2, DepthwiseLayersReadAndWriteWhatTheTableSays) {
  // Kilobytes of input, output, fp16 weights and fp32 bias at batch 1; megabytes at batch 64.
  const std::vector<double> kilobytes{1606, 3013, 1810, 1132, 606, 606, 381, 310, 310,
                                      310,  310,  464,  464,  295, 209, 209, 209};
  const std::vector<double> megabytes{102.8, 192.7, 115.6, 72.3, 38.5, 38.5, 24.1, 19.3, 19.3,
                                      19.3,  19.3,  28.9,  28.9, 18.1, 12.1, 12.1, 12.1};
  const auto one = costs_of_kind(mobilenet_v2(1, kHalf), "depthwise");
  const auto many = costs_of_kind(mobilenet_v2(64, kHalf), "depthwise");
  ASSERT_EQ(one.size(), kilobytes.size());
  double sum_one = 0.0;
  double sum_many = 0.0;
  double macs = 0.0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_THAT(bytes_of(one[i]) / 1e3, DoubleNear(kilobytes[i], 0.5)) << "layer " << i + 1;
    EXPECT_THAT(bytes_of(many[i]) / 1e6, DoubleNear(megabytes[i], 0.05)) << "layer " << i + 1;
    sum_one += bytes_of(one[i]);
    sum_many += bytes_of(many[i]);
    macs += *one[i].macs;
  }
  EXPECT_THAT(sum_one / 1e3, DoubleNear(12'243, 0.5));
  EXPECT_THAT(sum_many / 1e6, DoubleNear(774, 0.5));
  EXPECT_THAT(2.0 * macs / 1e6, DoubleNear(41.4, 0.05));
  // 112x112x32 by hand: 2 B (in + out) + 2 B * 9 * 32 weights + 4 B * 32 biases.
  EXPECT_THAT(bytes_of(one[0]), DoubleEq(2.0 * 2 * 112 * 112 * 32 + 2 * 9 * 32 + 4 * 32));
  EXPECT_THAT(*one[0].weight_bytes, DoubleEq(2 * 9 * 32 + 4 * 32));
}

TEST(MobileNetV2, PointwiseLayersHaveTheIntensityOfTheirChannels) {
  // FLOPs per byte at batch 64, weights included: 10.7 from 32 to 16 channels, 131 at 160 and 960, 237 for the head.
  const auto layers = mobilenet_v2(64, kHalf);
  std::vector<double> intensity;
  for (const FusedLayer& layer : layers) {
    if (layer.kind == "pointwise") {
      const Cost cost = cost_of(layer.main);  // alone: without residual and activation
      intensity.push_back(2.0 * *cost.macs / bytes_of(cost));
    }
  }
  ASSERT_EQ(intensity.size(), 34U);
  EXPECT_THAT(intensity.front(), DoubleNear(10.7, 0.05));
  EXPECT_THAT(intensity[27], DoubleNear(131.0, 0.6));     // 160 to 960
  EXPECT_THAT(intensity[32], DoubleNear(223.0, 0.6));     // 960 to 320
  EXPECT_THAT(intensity.back(), DoubleNear(237.0, 0.6));  // 320 to 1280
}

TEST(MobileNetV2, AWholeInferenceMovesThePublishedBytes) {
  const auto megabytes = [](std::int64_t batch, NetworkTypes types) {
    const CostTotals totals = totals_of(mobilenet_v2(batch, types));
    return (totals.bytes_read + totals.bytes_written) / 1e6;
  };
  EXPECT_THAT(megabytes(1, {}), DoubleNear(68.9, 0.05));
  EXPECT_THAT(megabytes(1, kHalf), DoubleNear(34.5, 0.05));
  EXPECT_THAT(megabytes(64, kHalf), DoubleNear(1764.0, 0.5));
  EXPECT_THAT(megabytes(64, {}), DoubleNear(3528.0, 0.5));
  EXPECT_THAT(megabytes(128, {ElementType::i8, ElementType::i8, ElementType::f32}), DoubleNear(1760.6, 0.5));
}

TEST(ResNet50, HasThePublishedMultiplyAddsAndParameters) {
  const auto layers = resnet_50(1, {});
  const CostTotals totals = totals_of(layers);
  EXPECT_EQ(totals.unknown_operators, 0);
  EXPECT_THAT(totals.macs / 1e9, DoubleNear(4.09, 0.005));  // torchvision's "4.09 GFLOPS"
  // 25,557,032 with batch normalisation: two values for each of 26,560 channels, of which the biases stay.
  EXPECT_THAT(parameters_of(layers), DoubleEq(25'557'032.0 - 26'560.0));
}

}  // namespace
}  // namespace trtprof::test
