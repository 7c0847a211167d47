// Visits every tensor that a model stores, wherever it is: initializers, sparse ones, attributes of nodes, subgraphs,
// functions and training graphs.
#pragma once

#include <functional>

namespace onnx {
class ModelProto;
class TensorProto;
}  // namespace onnx

namespace trtprof {

void for_each_stored_tensor(const onnx::ModelProto& model, const std::function<void(const onnx::TensorProto&)>& visit);
void for_each_stored_tensor(onnx::ModelProto& model, const std::function<void(onnx::TensorProto&)>& visit);

}  // namespace trtprof
