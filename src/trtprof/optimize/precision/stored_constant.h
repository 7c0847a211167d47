// A constant of a graph as a stored tensor, whichever way the model holds it.
#pragma once

#include <onnx/onnx_pb.h>

#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof::precision {

// `value` is an initializer or made by a Constant node that holds numbers (TypedGraph::is_constant()).
[[nodiscard]] onnx::TensorProto stored_constant(const TypedGraph& graph, const TypedValue& value);

}  // namespace trtprof::precision
