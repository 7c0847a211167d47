// A model with an input that holds a shape.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace trtprof::test {

// Bytes of y = Relu(op(x, shape)), op being Reshape, Expand or Resize; "shape" is an input, int64[n].
[[nodiscard]] inline std::string with_shape_input(const std::string& op, const std::vector<std::int64_t>& x,
                                                  std::int64_t n) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("shaped");
  const auto describe = [](onnx::ValueInfoProto& value, const char* name, auto type,
                           const std::vector<std::int64_t>& dims) {
    value.set_name(name);
    value.mutable_type()->mutable_tensor_type()->set_elem_type(type);
    for (const auto d : dims) value.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(d);
  };
  describe(*graph.add_input(), "x", onnx::TensorProto::FLOAT, x);
  describe(*graph.add_input(), "shape", onnx::TensorProto::INT64, {n});
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(op);
  node.set_name("shaping");
  node.add_input("x");
  if (op == "Resize") {
    node.add_input("");
    node.add_input("");
  }
  node.add_input("shape");
  node.add_output("shaped");
  onnx::NodeProto& relu = *graph.add_node();
  relu.set_op_type("Relu");
  relu.add_input("shaped");
  relu.add_output("y");
  onnx::ValueInfoProto& output = *graph.add_output();
  output.set_name("y");
  output.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  for (std::int64_t i = 0; i < n; ++i) {
    output.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_param("d" + std::to_string(i));
  }
  return model.SerializeAsString();
}

}  // namespace trtprof::test
