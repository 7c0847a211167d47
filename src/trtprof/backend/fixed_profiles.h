// The optimisation profile of an engine that runs in one shape alone.
#pragma once

#include <vector>

#include "trtprof/backend/build_options.h"
#include "trtprof/model/graph.h"

namespace trtprof {

// Exactly `shapes` for inputs with open dimensions, and `values` for inputs that hold a shape; empty where the model
// leaves nothing open. `shapes` has every input.
[[nodiscard]] std::vector<ShapeProfile> fixed_profiles(const Graph& graph, const BoundShapes& shapes,
                                                       const BoundShapes& values = {});

}  // namespace trtprof
