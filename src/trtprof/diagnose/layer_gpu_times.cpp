#include "trtprof/diagnose/layer_gpu_times.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

// Layers after `from` without kernels, in execution order, that name these kernels; empty unless all of them fit.
std::vector<std::size_t> layers_of_block(const LayerRun& run, const std::vector<LayerKernels>& layers,
                                         const Timeline& timeline, const std::vector<std::size_t>& kernels) {
  std::vector<std::size_t> found;
  std::size_t next = 0;
  for (std::size_t l = 0; l < run.layers.size() && next < kernels.size(); ++l) {
    const std::string& implementation = run.layers[l].implementation;
    if (implementation.empty() || !layers[l].kernels.empty()) continue;
    // The engine leaves out what it appends to a kernel for its own use.
    if (!timeline.kernels[kernels[next]].launch.name.starts_with(implementation)) continue;
    found.push_back(l);
    ++next;
  }
  return next == kernels.size() ? found : std::vector<std::size_t>();
}

}  // namespace

LayerGpuTimes layer_gpu_times(const LayerRun& run, const Timeline& timeline) {
  LayerGpuTimes times;
  times.layers = kernels_by_layer(run, timeline);
  std::vector<bool> owned(timeline.kernels.size(), false);
  for (const LayerKernels& layer : times.layers) {
    for (const std::size_t kernel : layer.kernels) owned[kernel] = true;
  }
  std::map<std::string_view, std::vector<std::size_t>> blocks;
  for (std::size_t k = 0; k < timeline.kernels.size(); ++k) {
    if (!owned[k]) blocks[timeline.kernels[k].layer].push_back(k);
  }
  for (const auto& [name, kernels] : blocks) {
    const std::vector<std::size_t> layers =
        name.empty() ? std::vector<std::size_t>() : layers_of_block(run, times.layers, timeline, kernels);
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      const TimelineKernel& kernel = timeline.kernels[kernels[i]];
      const auto seconds = median_of(kernel.time);
      if (layers.empty()) {
        times.seconds_of_no_layer += seconds.value_or(0.0);
        continue;
      }
      LayerKernels& layer = times.layers[layers[i]];
      layer.kernels = {kernels[i]};
      layer.gpu_seconds = seconds;
      layer.gap_seconds = kernel.gap_before ? median_of(*kernel.gap_before) : std::nullopt;
      ++times.kernels_by_name;
    }
  }
  return times;
}

}  // namespace trtprof
