// Which layers of two profiles of one model run the same nodes. Private to the rules.
#pragma once

#include <cstddef>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof::rules {

// Indices of LayerRun::layers, in execution order. Layers that share a node are in one group; one side may be empty.
struct AlignedLayers {
  std::vector<std::size_t> left;
  std::vector<std::size_t> right;
};

// By origin nodes; layers without any, by their names. Each layer is in one group, in the order of their first layers,
// those of `left` before such as only `right` has.
[[nodiscard]] std::vector<AlignedLayers> align_layers(const LayerRun& left, const LayerRun& right);

}  // namespace trtprof::rules
