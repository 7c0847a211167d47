// How long each layer's kernels run, with those of Myelin's blocks: the timeline ties these to the whole block
// ("{ForeignNode[...]}"), while the layer run tells each of its kernels by name.
#pragma once

#include <vector>

#include "trtprof/profile/layer_kernels.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct LayerGpuTimes {
  std::vector<LayerKernels> layers;  // by index of LayerRun::layers
  // Kernels of blocks that were told apart by their names, in order; and those that belong to no layer, in seconds.
  std::size_t kernels_by_name = 0;
  double seconds_of_no_layer = 0.0;
};

// A block's kernels are tied to layers where they are, one by one and in order, those that the layers without kernels
// name as their implementation, and none is left over; otherwise they stay of no layer.
[[nodiscard]] LayerGpuTimes layer_gpu_times(const LayerRun& run, const Timeline& timeline);

}  // namespace trtprof
