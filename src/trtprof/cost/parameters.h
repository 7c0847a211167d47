// Which constants of a graph are parameters: what training would learn. Private to cost/.
#pragma once

#include <vector>

#include "trtprof/cost/graph_index.h"
#include "trtprof/model/graph.h"

namespace trtprof {

// For each tensor of the index, the first node that reads it as a parameter, directly or through what only carries a
// weight to its place (Identity, Transpose, DequantizeLinear, ...); GraphIndex::kNone for all other tensors.
[[nodiscard]] std::vector<int> parameter_readers(const Graph& graph, const GraphIndex& index);

}  // namespace trtprof
