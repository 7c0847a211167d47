// Dimensions that a model computes with Shape, and that are known. Private to the passes.
#pragma once

#include <optional>

#include "trtprof/base/tensor.h"
#include "trtprof/optimize/pass_context.h"

namespace onnx {
class NodeProto;
}

namespace trtprof::passes {

// The result of Shape and Size, and of Gather and Slice of a Shape, where all the dimensions that it has are known.
[[nodiscard]] std::optional<Tensor> known_dimensions(const onnx::NodeProto& node, PassContext& context);

}  // namespace trtprof::passes
