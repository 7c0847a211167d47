// Attributes of nodes as plain values; what holds tensors or graphs says only that it is there.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "trtprof/model/graph_from_proto.h"

namespace trtprof::test {
namespace {

onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const char* name, onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

TEST(GraphAttributes, ArePlainValuesOfTheirKind) {
  using Type = onnx::AttributeProto;
  onnx::ModelProto model;
  onnx::NodeProto& node = *model.mutable_graph()->add_node();
  node.set_op_type("If");
  add_attribute(node, "axis", Type::INT).set_i(-1);
  add_attribute(node, "alpha", Type::FLOAT).set_f(0.5F);
  add_attribute(node, "mode", Type::STRING).set_s("linear");
  auto& pads = add_attribute(node, "pads", Type::INTS);
  pads.add_ints(1);
  pads.add_ints(2);
  add_attribute(node, "none", Type::INTS);
  add_attribute(node, "scales", Type::FLOATS).add_floats(2.0F);
  add_attribute(node, "activations", Type::STRINGS).add_strings("Tanh");
  add_attribute(node, "value", Type::TENSOR).mutable_t()->add_dims(3);
  add_attribute(node, "then_branch", Type::GRAPH).mutable_g()->add_node()->set_op_type("Relu");

  const Graph graph = graph_from_proto(model);
  ASSERT_EQ(graph.nodes.size(), 2U);
  const Attributes expected{{"axis", std::int64_t{-1}},
                            {"alpha", 0.5},
                            {"mode", std::string("linear")},
                            {"pads", std::vector<std::int64_t>{1, 2}},
                            {"none", std::vector<std::int64_t>{}},
                            {"scales", std::vector<double>{2.0}},
                            {"activations", std::vector<std::string>{"Tanh"}},
                            {"value", OpaqueAttribute{"tensor"}},
                            {"then_branch", OpaqueAttribute{"graph"}}};
  EXPECT_EQ(graph.nodes[0].attributes, expected);
  EXPECT_TRUE(graph.nodes[1].attributes.empty());
}

}  // namespace
}  // namespace trtprof::test
