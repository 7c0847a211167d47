// A model without its weights: what shape inference works on, at the size of the graph alone.
#pragma once

#include "trtprof/model/onnx_model.h"

namespace onnx {
class GraphProto;
class ModelProto;
}  // namespace onnx

namespace trtprof {

// Everything that shapes follow from: nodes, subgraphs, functions, types, and the values of tensors small enough to be
// a shape, an axis or a scale (those in external files are read). Larger tensors keep name, type and dimensions.
// Training graphs, documentation and metadata are left out.
[[nodiscard]] onnx::ModelProto copy_without_weights(const OnnxModel& model);

// Turns every tensor without values (initializers, Constant nodes; subgraphs too) into a declared type of that name:
// to the library a tensor is either there with all its values or known by its type.
void declare_tensors_without_values(onnx::GraphProto& graph);

}  // namespace trtprof
