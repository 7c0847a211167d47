#include "trtprof/profile/layer_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TimelineKernel kernel_of(std::string layer, std::vector<double> time, std::vector<double> gap = {}) {
  TimelineKernel kernel;
  kernel.layer = std::move(layer);
  kernel.time = test::series_of(std::move(time));
  if (!gap.empty()) kernel.gap_before = test::series_of(std::move(gap));
  return kernel;
}

LayerRun run_of(std::vector<std::string> names) {
  LayerRun run;
  for (std::string& name : names) run.layers.emplace_back().name = std::move(name);
  return run;
}

TEST(KernelsByLayer, AddsUpKernelsInferenceByInference) {
  Timeline timeline;
  timeline.kernels = {kernel_of("a", {1, 5, 1}), kernel_of("b", {2, 2, 2}, {1, 1, 1}),
                      kernel_of("a", {6, 1, 7}, {0.5, 0.5, 3})};
  const auto layers = kernels_by_layer(run_of({"b", "a", "c"}), timeline);
  EXPECT_THAT(layers[0].kernels, ElementsAre(1));
  EXPECT_EQ(layers[0].gap_seconds, 1.0);
  EXPECT_THAT(layers[1].kernels, ElementsAre(0, 2));
  EXPECT_EQ(layers[1].gpu_seconds, 7.0) << "the median of 7, 6 and 8, not the sum of the medians 1 and 6";
  EXPECT_EQ(layers[1].gap_seconds, 0.5);
  EXPECT_THAT(layers[2].kernels, IsEmpty());
  EXPECT_EQ(layers[2].gpu_seconds, std::nullopt);
}

TEST(KernelsByLayer, LeavesKernelsOfNoLayerOut) {
  Timeline timeline;
  timeline.kernels = {kernel_of("", {1}), kernel_of("gone", {1})};
  for (const LayerKernels& layer : kernels_by_layer(run_of({"a", "b"}), timeline))
    EXPECT_THAT(layer.kernels, IsEmpty());
}

TEST(KernelsByLayer, AddsMediansWhereThereAreNoSamples) {
  Timeline timeline;
  timeline.kernels = {kernel_of("a", {1, 2, 3}), kernel_of("a", {4, 5, 6})};
  for (TimelineKernel& kernel : timeline.kernels) kernel.time.samples.clear();
  EXPECT_EQ(kernels_by_layer(run_of({"a"}), timeline)[0].gpu_seconds, 7.0);
}

TEST(FindLayer, FindsByTheWholeName) {
  const LayerRun run = run_of({"conv", "conv1"});
  EXPECT_EQ(find_layer(run, "conv1"), 1U);
  EXPECT_EQ(find_layer(run, "con"), std::nullopt);
}

}  // namespace
}  // namespace trtprof
