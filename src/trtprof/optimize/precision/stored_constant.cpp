#include "trtprof/optimize/precision/stored_constant.h"

namespace trtprof::precision {

onnx::TensorProto stored_constant(const TypedGraph& graph, const TypedValue& value) {
  if (value.initializer != nullptr) return *value.initializer;
  onnx::TensorProto tensor;
  for (const auto& attribute : graph.node(value.producer).node->attribute()) {
    if (attribute.name() == "value") return attribute.t();
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    if (attribute.name() == "value_float") tensor.add_float_data(attribute.f());
    if (attribute.name() == "value_floats") {
      tensor.add_dims(attribute.floats_size());
      *tensor.mutable_float_data() = attribute.floats();
    }
  }
  return tensor;
}

}  // namespace trtprof::precision
