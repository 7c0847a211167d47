// Values that are shapes, sizes or positions, computed in f32 by exporters: they are to stay exact.
#pragma once

#include <vector>

#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof::precision {

// Does the operator read this input for a shape, a size or a place rather than as data?
[[nodiscard]] bool is_shape_input(const TypedNode& node, int input);

// By node: its data comes from Shape and Size alone, or what it makes ends in an input of the kind above.
[[nodiscard]] std::vector<bool> nodes_of_shapes(const TypedGraph& graph);

}  // namespace trtprof::precision
