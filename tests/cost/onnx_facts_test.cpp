#include "trtprof/cost/onnx_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

using testing::ElementsAre;

ValueInfo value(const std::string& name, const Dims& dims, ElementType type = ElementType::f32) {
  ValueInfo info{name, type, std::vector<Dimension>{}};
  for (const std::int64_t dim : dims) {
    info.shape->push_back(dim < 0 ? Dimension{std::nullopt, "n"} : Dimension{dim, ""});
  }
  return info;
}

// x -> depthwise Conv (k) -> c -> MatMul with the output of a Constant -> y
Graph small_graph() {
  Graph graph;
  graph.inputs = {value("x", {-1, 8, 6, 6})};
  graph.initializers = {value("k", {8, 1, 3, 3})};
  graph.outputs = {value("y", {-1, 8, 4, 5})};
  graph.nodes = {
      {"conv",
       "Conv",
       "",
       {"x", "k", ""},
       {"c"},
       "",
       {{"group", std::int64_t{8}}, {"kernel_shape", Dims{3, 3}}, {"strides", Dims{1, 1}}}},
      {"", "Constant", "", {}, {"m"}, "", {{"value", OpaqueAttribute{"tensor"}}}},
      {"product", "MatMul", "", {"c", "m"}, {"y"}, "", {}},
  };
  return graph;
}

const std::vector<ValueInfo> kInferred{value("x", {2, 8, 6, 6}), value("c", {2, 8, 4, 4}), value("m", {4, 5}),
                                       value("y", {2, 8, 4, 5})};

TEST(TensorTable, PrefersWhatInferenceSaysToWhatTheModelDeclares) {
  const Graph graph = small_graph();
  const TensorTable declared = tensor_table(graph);
  EXPECT_EQ(declared.at("x").shape, (Dims{-1, 8, 6, 6}));
  EXPECT_TRUE(declared.at("k").constant);
  EXPECT_EQ(declared.count("c"), 0U);
  const TensorTable inferred = tensor_table(graph, kInferred);
  EXPECT_EQ(inferred.at("x").shape, (Dims{2, 8, 6, 6}));
  EXPECT_TRUE(inferred.at("m").constant);
  EXPECT_FALSE(inferred.at("c").constant);
}

TEST(OnnxFacts, CarryWhatTheNodeSays) {
  const Graph graph = small_graph();
  const TensorTable tensors = tensor_table(graph, kInferred);
  const OperatorFacts conv = onnx_facts(graph.nodes[0], tensors);
  EXPECT_EQ(conv.groups, 8);
  EXPECT_THAT(conv.kernel, ElementsAre(3, 3));
  EXPECT_THAT(conv.strides, ElementsAre(1, 1));
  EXPECT_EQ(conv.layer_class, LayerClass::depthwise_convolution);
  ASSERT_EQ(conv.inputs.size(), 3U);
  EXPECT_FALSE(conv.inputs[2]);
  EXPECT_DOUBLE_EQ(macs_of(conv), 2.0 * 8 * 16 * 9);
  const OperatorFacts product = onnx_facts(graph.nodes[2], tensors);
  EXPECT_EQ(product.layer_class, LayerClass::fully_connected);
  EXPECT_DOUBLE_EQ(macs_of(product), 2.0 * 8 * 4 * 4 * 5);
  EXPECT_DOUBLE_EQ(*cost_of(product).weight_bytes, 4.0 * 20);
}

TEST(OnnxFacts, OfATensorThatNothingIsKnownOfSayItsName) {
  const Graph graph = small_graph();
  const Cost cost = cost_of(onnx_facts(graph.nodes[2], tensor_table(graph)));
  EXPECT_FALSE(cost.macs);
  EXPECT_EQ(cost.unknown_reason, "MatMul: the shape of input \"c\" is not known");
}

TEST(OnnxFacts, OfADimensionLeftOpenAreNotKnown) {
  Graph graph = small_graph();
  const Cost cost = cost_of(onnx_facts({"r", "Relu", "", {"x"}, {"y"}, "", {}}, tensor_table(graph)));
  EXPECT_FALSE(cost.flops);
  EXPECT_FALSE(cost.bytes_read);
}

TEST(OnnxOperators, FindsNodesByTheNamesThatReportsUse) {
  Graph graph = small_graph();
  graph.nodes.push_back({"twice", "Relu", "", {"y"}, {"a"}, "", {}});
  graph.nodes.push_back({"twice", "Relu", "", {"y"}, {"b"}, "", {}});
  const OnnxOperators operators(graph, tensor_table(graph, kInferred));
  std::vector<std::string> missing;
  const auto found = operators.find({"product", "m", "conv", "conv", "nowhere", "twice"}, &missing);
  ASSERT_EQ(found.size(), 3U);  // in the graph's order, each once
  EXPECT_EQ(found[0].op_type, "Conv");
  EXPECT_EQ(found[1].op_type, "Constant");
  EXPECT_EQ(found[2].op_type, "MatMul");
  EXPECT_THAT(missing, ElementsAre("nowhere", "twice"));  // which of two is meant is not known
}

}  // namespace
}  // namespace trtprof::test
