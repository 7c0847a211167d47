// Inputs of a model that hold a shape: what they contain decides which sizes other tensors have.
#pragma once

#include <string>
#include <vector>

#include "trtprof/model/graph.h"

namespace trtprof {

// Whole numbers of a known count, in one dimension or none, that reach an operand which sizes a tensor (Reshape's
// shape, Resize's sizes, Expand, Slice, ...), on their own or through arithmetic. TensorRT calls them shape tensors:
// it wants their range of values where it wants that of shapes for others. In the order of the graph's inputs.
[[nodiscard]] std::vector<std::string> shape_inputs(const Graph& graph);

// Takes out of `request` what it says of these inputs, which is their values: "sizes:1x3x64x64". Their own shape, where
// someone gives that, stays. ErrorCode::usage for another number of values than the input has.
[[nodiscard]] Result<BoundShapes> take_shape_values(const Graph& graph, ShapeRequest& request);

}  // namespace trtprof
