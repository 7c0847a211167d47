// Does the reference backend compute a node's constants exactly as ONNX means them? Private to the passes.
//
// Engines keep integers in 32 bits and f64 in f32: what a model says in 64 bits is right there only while every value
// fits, and so does every value on the way.
#pragma once

#include <string>
#include <vector>

#include "trtprof/base/tensor.h"

namespace onnx {
class NodeProto;
}

namespace trtprof::passes {

// Why not, a clause; empty: it does. `inputs` in the node's order; nullptr: left out. `outputs`: their types.
[[nodiscard]] std::string why_not_exact(const onnx::NodeProto& node, const std::vector<const Tensor*>& inputs,
                                        const std::vector<ElementType>& outputs);

}  // namespace trtprof::passes
