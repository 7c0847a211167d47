// What a timeline tells of each layer of the layer run.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof {

struct LayerKernels {
  std::vector<std::size_t> kernels;  // indices into Timeline::kernels
  // In seconds, the median over inferences; nullopt where the layer has no kernel of its own.
  std::optional<double> gpu_seconds;  // its kernels' times added up
  std::optional<double> gap_seconds;  // the gaps before its kernels added up
};

// By index of LayerRun::layers. Kernels of no layer, or of one that the layer run does not have, are in none.
[[nodiscard]] std::vector<LayerKernels> kernels_by_layer(const LayerRun& run, const Timeline& timeline);

// Index of the layer with this name, which is unique within a profile.
[[nodiscard]] std::optional<std::size_t> find_layer(const LayerRun& run, std::string_view name);

}  // namespace trtprof
