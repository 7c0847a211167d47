#include "trtprof/diagnose/layer_gpu_times.h"

#include <gmock/gmock.h>

#include "support/stored_profile.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::test {
namespace {

TEST(LayerGpuTimes, KernelsOfABlockGoToTheLayersThatNameThem) {
  const Profile profile = stored_profile("transformer");
  const LayerGpuTimes times = layer_gpu_times(*profile.layer_run, *profile.timeline);
  EXPECT_EQ(times.kernels_by_name, 43u);
  EXPECT_EQ(times.seconds_of_no_layer, 0.0);
  double sum = 0.0;
  for (std::size_t i = 0; i < times.layers.size(); ++i) {
    const Layer& layer = profile.layer_run->layers[i];
    EXPECT_EQ(times.layers[i].kernels.size(), layer.engine_type == "shape_call" ? 0u : 1u) << layer.name;
    sum += times.layers[i].gpu_seconds.value_or(0.0);
  }
  EXPECT_NEAR(sum, median_of(profile.timeline->kernel_sum).value(), 0.02 * sum);
}

TEST(LayerGpuTimes, AnInOrderMatchOfAllKernelsOrNone) {
  Profile profile = stored_profile("transformer");
  std::swap(profile.timeline->kernels[1], profile.timeline->kernels[4]);
  const LayerGpuTimes times = layer_gpu_times(*profile.layer_run, *profile.timeline);
  EXPECT_EQ(times.kernels_by_name, 0u);
  EXPECT_NEAR(times.seconds_of_no_layer, median_of(profile.timeline->kernel_sum).value(), 3e-6);
}

TEST(LayerGpuTimes, KernelsThatHaveALayerKeepIt) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const LayerGpuTimes times = layer_gpu_times(*profile.layer_run, *profile.timeline);
  const auto joined = kernels_by_layer(*profile.layer_run, *profile.timeline);
  EXPECT_EQ(times.kernels_by_name, 1u);  // the classifier's
  for (std::size_t i = 0; i < joined.size(); ++i) {
    if (!joined[i].kernels.empty()) {
      EXPECT_EQ(times.layers[i].kernels, joined[i].kernels);
    }
  }
}

TEST(LayerGpuTimes, KernelsOutsideAnyRangeStayOfNoLayer) {
  Profile profile = stored_profile("transformer");
  for (TimelineKernel& kernel : profile.timeline->kernels) kernel.layer.clear();
  EXPECT_EQ(layer_gpu_times(*profile.layer_run, *profile.timeline).kernels_by_name, 0u);
}

}  // namespace
}  // namespace trtprof::test
