#include "trtprof/diagnose/roofline.h"

#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/sample_operators.h"
#include "support/stored_profile.h"
#include "trtprof/ceilings/device_table.h"
#include "trtprof/profile/layer_kernels.h"

namespace trtprof::test {
namespace {

using testing::HasSubstr;

Roofline roofline(const Profile& profile, const SampleOperators* model) {
  const auto ceilings = find_ceilings(profile.environment.device_name);
  const auto result = roofline_of(profile, layer_costs(profile, model != nullptr ? model->get() : nullptr),
                                  ceilings ? &*ceilings : nullptr);
  EXPECT_TRUE(result);
  return result.value_or(Roofline{});
}

const LayerRoofline& named(const Profile& profile, const Roofline& result, const std::string& block) {
  for (const LayerRoofline& layer : result.layers) {
    if (profile.layer_run->layers[layer.layer].name.starts_with(block)) return layer;
  }
  ADD_FAILURE() << block;
  return result.layers.front();
}

double seconds_of(const Roofline& result, LayerBound bound) {
  double sum = 0.0;
  for (const LayerRoofline& layer : result.layers) {
    if (layer.bound == bound) sum += layer.seconds.value_or(0.0);
  }
  return sum;
}

// 144 channels of 56 x 56 at batch 64 in FP16: 115.6 MB each way together, 26.9 us at the 4.3 TB/s that an H200 was
// measured to copy at. It takes 88.5 us.
TEST(Roofline, TheDepthwiseLayerOf144ChannelsIsFarFromTheMemoryLimit) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const SampleOperators model("mobilenetv2", 64);
  const Roofline result = roofline(profile, &model);
  EXPECT_TRUE(result.from_timeline);
  const LayerRoofline& layer = named(profile, result, "block3/depthwise/conv");
  EXPECT_EQ(layer.bound, LayerBound::memory);
  EXPECT_EQ(layer.time_basis, LayerTimeBasis::kernels);
  EXPECT_EQ(layer.bytes_basis, BytesBasis::model);
  EXPECT_NEAR(*layer.bytes, 115.6e6, 0.1e6);
  EXPECT_NEAR(*layer.memory_seconds, 26.9e-6, 0.1e-6);
  EXPECT_NEAR(*layer.seconds, 88.5e-6, 0.5e-6);
  EXPECT_NEAR(*layer.share, 0.304, 0.01);
  EXPECT_NEAR(*layer.lost_seconds, 61.6e-6, 0.7e-6);
  EXPECT_NEAR(*layer.intensity, 5.0, 0.1);  // 18 FLOP for 4 bytes, and the two of the clipping
  EXPECT_THAT(layer.reason, HasSubstr("30%"));
}

// The 96 channels that go from 112 x 112 to 56 x 56: 192.7 MB, 44.8 us, of 74.
TEST(Roofline, TheDepthwiseLayerOf96ChannelsWithStride2LosesTimeToo) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const SampleOperators model("mobilenetv2", 64);
  const LayerRoofline layer = named(profile, roofline(profile, &model), "block2/depthwise/conv");
  EXPECT_EQ(layer.bound, LayerBound::memory);
  EXPECT_NEAR(*layer.bytes, 192.7e6, 0.1e6);
  EXPECT_NEAR(*layer.memory_seconds, 44.8e-6, 0.1e-6);
  EXPECT_NEAR(*layer.share, 0.61, 0.02);
  EXPECT_NEAR(*layer.lost_seconds, 29.2e-6, 1e-6);
}

// By hand: 411 us for the model's layers at this bandwidth, each for itself, and 9 us for the input's reformat.
TEST(Roofline, ABatchOf64IsBoundByMemoryAndTakesTwiceItsIdealTime) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const SampleOperators model("mobilenetv2", 64);
  const Roofline result = roofline(profile, &model);
  EXPECT_NEAR(result.ideal_seconds, 420e-6, 2e-6);
  EXPECT_NEAR(result.seconds, 972e-6, 5e-6);
  EXPECT_GT(seconds_of(result, LayerBound::memory), 0.8 * result.seconds);
  EXPECT_EQ(result.device, "NVIDIA H200 SXM");
  ASSERT_FALSE(result.figures.empty());
  for (const CeilingFigure& figure : result.figures) EXPECT_FALSE(figure.source.empty());
}

TEST(Roofline, WithoutTheModelMemoryBoundLayersAreStillFoundWhereTheyAreNearTheLimit) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const Roofline result = roofline(profile, nullptr);
  const LayerRoofline& near = named(profile, result, "block2/depthwise/conv");
  EXPECT_EQ(near.bound, LayerBound::memory);
  EXPECT_EQ(near.bytes_basis, BytesBasis::tensors);
  const LayerRoofline& far = named(profile, result, "block3/depthwise/conv");
  EXPECT_EQ(far.bound, LayerBound::unknown);
  EXPECT_THAT(far.reason, HasSubstr("the compute limit is not known"));
  EXPECT_NEAR(*far.share, 0.304, 0.01);
}

TEST(Roofline, ABatchOf1IsTooSmallForTheDevice) {
  const Profile profile = stored_profile("mobilenetv2_b1_graph");
  const SampleOperators model("mobilenetv2", 1);
  const Roofline result = roofline(profile, &model);
  EXPECT_GT(seconds_of(result, LayerBound::latency), 0.95 * result.seconds);
  const LayerRoofline& small = named(profile, result, "block15/project/conv");
  EXPECT_EQ(small.blocks, 3);
  EXPECT_EQ(small.reason, "its kernel has 3 blocks for 132 multiprocessors");
}

TEST(Roofline, WithoutCeilingsNothingIsSaidOfLimits) {
  const Profile profile = stored_profile("mobilenetv2_cpu");
  const SampleOperators model("mobilenetv2", 1);
  const Roofline result = roofline(profile, &model);
  EXPECT_TRUE(result.device.empty());
  EXPECT_FALSE(result.from_timeline);
  for (const LayerRoofline& layer : result.layers) {
    EXPECT_EQ(layer.bound, LayerBound::unknown);
    EXPECT_FALSE(layer.share);
  }
  EXPECT_TRUE(named(profile, result, "Multiply_21864").intensity);  // that much the model tells
}

TEST(Roofline, CountedBytesReplaceTheEstimate) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  const std::size_t layer = 7;
  Counters counters;
  counters.metrics = {"dram__bytes.sum"};
  CountedKernel kernel;
  kernel.layer = profile.layer_run->layers[layer].name;
  kernel.values = {231.2e6};
  counters.kernels = {kernel};
  profile.counters = counters;
  const Roofline result = roofline(profile, nullptr);
  EXPECT_EQ(result.layers[layer].bytes_basis, BytesBasis::counters);
  EXPECT_DOUBLE_EQ(*result.layers[layer].bytes, 231.2e6);
  EXPECT_DOUBLE_EQ(*result.layers[layer].memory_seconds, 231.2e6 / 4.3e12);
  EXPECT_EQ(result.layers[layer + 1].bytes_basis, BytesBasis::tensors);
}

TEST(Roofline, ComputeBindsWhereArithmeticTakesLonger) {
  Profile profile = bare_profile();
  profile.layer_run = LayerRun{};
  Layer layer = layer_taking("gemm", LayerClass::fully_connected, 2e-3);
  layer.precision = "f16";
  profile.layer_run->layers = {layer};
  const std::vector<LayerCost> costs = {{{1e12, 2e12, 5e8, 5e8, 0.0, ""}, CostBasis::model}};
  DeviceCeilings ceilings{"device",
                          {},
                          {{CeilingKind::memory_bandwidth, 1e12, CeilingBasis::measured, "here"},
                           {CeilingKind::fp16_peak, 2e15, CeilingBasis::datasheet, "there"}}};
  const auto memory = roofline_of(profile, costs, &ceilings);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->layers[0].bound, LayerBound::memory);  // 1 ms of bytes, 1 ms of arithmetic
  ceilings.figures[1].value = 1.25e15;
  const auto compute = roofline_of(profile, costs, &ceilings);
  EXPECT_EQ(compute->layers[0].bound, LayerBound::compute);
  EXPECT_NEAR(*compute->layers[0].share, 0.8, 1e-12);
  EXPECT_NEAR(*compute->layers[0].lost_seconds, 0.4e-3, 1e-12);
  EXPECT_EQ(compute->figures.size(), 2u);
  EXPECT_FALSE(roofline_of(profile, {}, &ceilings));  // costs of something else
}

}  // namespace
}  // namespace trtprof::test
