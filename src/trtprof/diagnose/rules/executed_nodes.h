// Which layers run given nodes of the model. Private to rules/.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trtprof/model/graph.h"
#include "trtprof/profile/profile.h"

namespace trtprof::rules {

// Indices of LayerRun::layers, in execution order.
struct ExecutedNodes {
  std::vector<std::size_t> alone;   // layers that run nothing else: their time is the nodes' time
  std::vector<std::size_t> shared;  // layers that run other nodes too: what the given ones add is not known
};

// `nodes` are indices of Graph::nodes. A name and type that other nodes have as well counts for none of them.
[[nodiscard]] ExecutedNodes layers_that_run(const std::vector<std::size_t>& nodes, const Graph& graph,
                                            const Profile& profile);

// "2 layers run them alone, 4.1 us; 1 runs them beside others, at a cost that is not known apart".
[[nodiscard]] std::string to_text(const ExecutedNodes& executed, double seconds_alone);

// Does any layer tell which nodes it came from?
[[nodiscard]] bool tells_origins(const Profile& profile);

}  // namespace trtprof::rules
