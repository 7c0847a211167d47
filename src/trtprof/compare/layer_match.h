// Which layers of two engines do the same work, whatever each of them fused.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof {

enum class MatchBasis {
  origins,  // they share nodes of the model, directly or over others that they share them with
  place,    // of engines that have the same layers in the same order
  name,     // layers of the engine's own making that have the same name
  none,     // on one side alone
};

// The smallest groups of layers such that no node of the model is in two of them: connected components of the graph
// whose edges join layers that share a node. One layer on each side where both fused alike; several where not.
struct LayerGroup {
  // For each run of the side the layers in it, as indices of LayerRun::layers in order of execution. Empty for a run
  // that has none of them: a gained or lost layer, or one that another build does not have.
  std::vector<std::vector<std::size_t>> a;
  std::vector<std::vector<std::size_t>> b;
  MatchBasis basis = MatchBasis::none;
};

// In order of execution, of A first and then of what B alone has. Every layer of every run is in exactly one group.
[[nodiscard]] std::vector<LayerGroup> match_layers(std::span<const LayerRun* const> a,
                                                   std::span<const LayerRun* const> b);

[[nodiscard]] std::string_view to_string(MatchBasis basis);  // "origins"

}  // namespace trtprof
