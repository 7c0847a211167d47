// Small ONNX models and files of bytes for the tests of this folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/file.h"

namespace trtprof::test {

// A folder of its own for every test.
class ModelFiles : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  [[nodiscard]] std::filesystem::path write(const std::string& name, const onnx::ModelProto& model) const {
    return write(name, model.SerializeAsString());
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-model-test").value();
};

inline void set_shape(onnx::ValueInfoProto& value, const std::vector<std::int64_t>& dims) {
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::TensorProto::FLOAT);
  tensor.mutable_shape();
  for (const std::int64_t dim : dims) tensor.mutable_shape()->add_dim()->set_dim_value(dim);
}

inline onnx::NodeProto& add_node(onnx::GraphProto& graph, const std::string& name, const std::string& op_type,
                                 const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  auto& node = *graph.add_node();
  node.set_name(name);
  node.set_op_type(op_type);
  for (const auto& input : inputs) node.add_input(input);
  for (const auto& output : outputs) node.add_output(output);
  return node;
}

// y = relu(x + w): x and y are f32 [2, 3], w is an initializer.
inline onnx::ModelProto small_model() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("a test");
  model.set_producer_version("1.2");
  model.add_opset_import()->set_version(17);
  auto& graph = *model.mutable_graph();
  graph.set_name("small");
  graph.add_input()->set_name("x");
  set_shape(*graph.mutable_input(0), {2, 3});
  graph.add_output()->set_name("y");
  set_shape(*graph.mutable_output(0), {2, 3});
  auto& w = *graph.add_initializer();
  w.set_name("w");
  w.set_data_type(onnx::TensorProto::FLOAT);
  w.add_dims(3);
  w.set_raw_data(std::string(12, '\0'));
  add_node(graph, "add1", "Add", {"x", "w"}, {"s"});
  add_node(graph, "relu1", "Relu", {"s"}, {"y"});
  return model;
}

// small_model() whose y comes from an If: either branch reads s, which is the main graph's.
inline onnx::ModelProto branching_model() {
  onnx::ModelProto model = small_model();
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_node()->RemoveLast();
  auto& condition = *graph.add_input();
  condition.set_name("condition");
  condition.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::BOOL);
  condition.mutable_type()->mutable_tensor_type()->mutable_shape();
  auto& choice = add_node(graph, "if1", "If", {"condition"}, {"y"});
  for (const std::string branch : {"then_branch", "else_branch"}) {
    auto& attribute = *choice.add_attribute();
    attribute.set_name(branch);
    attribute.set_type(onnx::AttributeProto::GRAPH);
    auto& body = *attribute.mutable_g();
    body.set_name(branch);
    add_node(body, branch + "_node", branch == "then_branch" ? "Relu" : "Neg", {"s"}, {branch + "_out"});
    auto& output = *body.add_output();
    output.set_name(branch + "_out");
    set_shape(output, {2, 3});
  }
  return model;
}

inline void set_entry(onnx::TensorProto& tensor, const std::string& key, const std::string& value) {
  for (auto& entry : *tensor.mutable_external_data()) {
    if (entry.key() == key) return entry.set_value(value);
  }
  auto& entry = *tensor.add_external_data();
  entry.set_key(key);
  entry.set_value(value);
}

// small_model() with w in a file beside it.
inline onnx::ModelProto external_model(const std::string& location) {
  onnx::ModelProto model = small_model();
  auto& w = *model.mutable_graph()->mutable_initializer(0);
  w.clear_raw_data();
  w.set_data_location(onnx::TensorProto::EXTERNAL);
  set_entry(w, "location", location);
  return model;
}

}  // namespace trtprof::test
