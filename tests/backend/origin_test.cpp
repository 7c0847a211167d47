#include "trtprof/backend/origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

GraphNode node(std::string name, std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs) {
  GraphNode result;
  result.name = std::move(name);
  result.op_type = std::move(op);
  result.inputs = std::move(inputs);
  result.outputs = std::move(outputs);
  return result;
}

Graph graph_of(std::vector<GraphNode> nodes) {
  Graph graph;
  graph.inputs.push_back({"x", ElementType::f32, std::nullopt});
  graph.nodes = std::move(nodes);
  return graph;
}

EngineLayer layer(std::string name, std::vector<std::string> claims, std::vector<std::size_t> producers,
                  std::vector<std::string> main_ops = {}) {
  return {std::move(name), std::move(claims), std::move(producers), std::move(main_ops), false};
}

EngineLayer inserted(std::string name, std::vector<std::size_t> producers) {
  return {std::move(name), {}, std::move(producers), {}, true};
}

std::vector<std::string> names(const Origin& origin) {
  std::vector<std::string> result;
  for (const OriginNode& n : origin.nodes) result.push_back(n.name);
  return result;
}

const EngineLayer kInput = layer("x", {"x"}, {});

TEST(ResolveOrigins, ClaimsByNodeNameInTheOrderOfTheGraph) {
  const Graph graph = graph_of({node("conv", "Conv", {"x"}, {"c"}), node("relu", "Relu", {"c"}, {"r"})});
  const auto origins = resolve_origins(graph, {kInput, layer("conv", {"relu", "conv"}, {0})});
  EXPECT_EQ(origins[1].source, OriginSource::reported);
  EXPECT_THAT(origins[1].nodes, ElementsAre(OriginNode{"conv", "Conv"}, OriginNode{"relu", "Relu"}));
}

TEST(ResolveOrigins, ClaimsAnUnnamedNodeByItsOutputTensor) {
  const Graph graph = graph_of({node("", "Softmax", {"x"}, {"prob"})});
  const auto origins = resolve_origins(graph, {kInput, layer("prob", {"prob"}, {0})});
  EXPECT_THAT(origins[1].nodes, ElementsAre(OriginNode{"prob", "Softmax"}));
  EXPECT_EQ(origins[1].source, OriginSource::reported);
}

TEST(ResolveOrigins, ANodesNameWithOneMorePartIsThatNode) {
  const Graph graph = graph_of({node("/block/conv", "Conv", {"x"}, {"c"})});
  const auto origins = resolve_origins(graph, {kInput, layer("l", {"/block/conv/WithoutBiases"}, {0})});
  EXPECT_THAT(names(origins[1]), ElementsAre("/block/conv"));
}

TEST(ResolveOrigins, TheGraphInputClaimsNoNode) {
  const Graph graph = graph_of({node("relu", "Relu", {"x"}, {"y"})});
  const auto origins = resolve_origins(graph, {kInput, layer("relu", {"relu"}, {0})});
  EXPECT_EQ(origins[0].source, OriginSource::none);
  EXPECT_THAT(origins[0].nodes, IsEmpty());
}

TEST(ResolveOrigins, NodesThatShareANameGoToTheirClaimantsInOrder) {
  const Graph graph = graph_of({node("n", "Relu", {"x"}, {"a"}), node("n", "Tanh", {"a"}, {"b"})});
  const auto origins = resolve_origins(graph, {kInput, layer("n", {"n"}, {0}), layer("n1", {"n"}, {1})});
  EXPECT_THAT(origins[1].nodes, ElementsAre(OriginNode{"n", "Relu"}));
  EXPECT_THAT(origins[2].nodes, ElementsAre(OriginNode{"n", "Tanh"}));
}

TEST(ResolveOrigins, NodesThatShareANameAllGoToASingleClaimant) {
  const Graph graph = graph_of({node("n", "Relu", {"x"}, {"a"}), node("n", "Tanh", {"a"}, {"b"})});
  const auto origins = resolve_origins(graph, {kInput, layer("n", {"n"}, {0})});
  EXPECT_EQ(origins[1].nodes.size(), 2U);
}

// conv -> bn -> (hard-swish written out) -> conv -> bn, where the engine names only what batch norm left behind.
Graph conv_bn_hardswish_conv_bn() {
  return graph_of({node("conv1", "Conv", {"x", "w1"}, {"c1"}), node("bn1", "BatchNormalization", {"c1"}, {"b1"}),
                   node("add", "Add", {"b1", "three"}, {"a"}), node("clip", "Clip", {"a"}, {"k"}),
                   node("mul", "Mul", {"b1", "k"}, {"m"}), node("div", "Div", {"m", "six"}, {"h"}),
                   node("conv2", "Conv", {"h", "w2"}, {"c2"}), node("bn2", "BatchNormalization", {"c2"}, {"b2"})});
}

TEST(ResolveOrigins, AFusedConvolutionGetsItsConvAndWhatWasFusedBehindIt) {
  const auto origins = resolve_origins(conv_bn_hardswish_conv_bn(),
                                       {kInput, layer("Multiply_1", {"Multiply_1", "bn1", "HSwish_2"}, {0}, {"Conv"}),
                                        layer("Multiply_3", {"Multiply_3", "bn2"}, {1}, {"Conv"})});
  EXPECT_THAT(names(origins[1]), ElementsAre("conv1", "bn1", "add", "clip", "mul", "div"));
  EXPECT_THAT(names(origins[2]), ElementsAre("conv2", "bn2"));
  EXPECT_EQ(origins[1].source, OriginSource::reported);
}

TEST(ResolveOrigins, EveryNodeIsInOneLayerOnly) {
  const auto origins =
      resolve_origins(conv_bn_hardswish_conv_bn(), {kInput, layer("Multiply_1", {"Multiply_1", "bn1"}, {0}, {"Conv"}),
                                                    layer("Multiply_3", {"Multiply_3", "bn2"}, {1}, {"Conv"})});
  EXPECT_EQ(origins[1].nodes.size() + origins[2].nodes.size(), 8U);
}

TEST(ResolveOrigins, ANamedLastNodeStandsForTheWholeNormalisation) {
  const Graph graph = graph_of({node("pre", "Relu", {"x"}, {"p"}), node("mean", "ReduceMean", {"p"}, {"m"}),
                                node("sub", "Sub", {"p", "m"}, {"s"}), node("pow", "Pow", {"s"}, {"q"}),
                                node("mean2", "ReduceMean", {"q"}, {"v"}), node("sqrt", "Sqrt", {"v"}, {"r"}),
                                node("div", "Div", {"s", "r"}, {"y"})});
  const auto origins =
      resolve_origins(graph, {kInput, layer("pre", {"pre"}, {0}), layer("div", {"div"}, {1}, {"ReduceMean"})});
  EXPECT_THAT(names(origins[1]), ElementsAre("pre"));
  EXPECT_THAT(names(origins[2]), ElementsAre("mean", "sub", "pow", "mean2", "sqrt", "div"));
}

TEST(ResolveOrigins, MergedSlicesAreInferredFromTheirPlace) {
  const Graph graph = graph_of({node("t", "Transpose", {"x"}, {"t0"}), node("s1", "Slice", {"t0"}, {"a"}),
                                node("s2", "Slice", {"t0"}, {"b"}), node("q1", "Relu", {"a"}, {"c"}),
                                node("q2", "Tanh", {"b"}, {"d"})});
  const auto origins = resolve_origins(
      graph, {kInput, layer("t", {"t"}, {0}), layer("VariadicSplit_9", {"VariadicSplit_9"}, {1}, {"Split", "Slice"}),
              layer("q1", {"q1"}, {2}), layer("q2", {"q2"}, {2})});
  EXPECT_THAT(names(origins[2]), ElementsAre("s1", "s2"));
  EXPECT_EQ(origins[2].source, OriginSource::inferred);
}

TEST(ResolveOrigins, AScalingMovedPastAReshapeIsFoundBehindIt) {
  const Graph graph = graph_of({node("t", "Transpose", {"x"}, {"t0"}), node("squeeze", "Squeeze", {"t0"}, {"s"}),
                                node("scale", "Mul", {"s", "k"}, {"m"}), node("mm", "MatMul", {"m", "w"}, {"y"})});
  const auto origins =
      resolve_origins(graph, {kInput, layer("t", {"t"}, {0}), layer("Multiply_5", {"Multiply_5"}, {1}, {"Mul", "Div"}),
                              layer("squeeze", {"squeeze"}, {2}), layer("mm", {"mm"}, {3})});
  EXPECT_THAT(origins[2].nodes, ElementsAre(OriginNode{"scale", "Mul"}));
  EXPECT_EQ(origins[2].source, OriginSource::inferred);
  EXPECT_THAT(names(origins[3]), ElementsAre("squeeze"));
}

TEST(ResolveOrigins, AnInsertedReorderHasNoOriginEvenWhereNodesAreUnclaimed) {
  const Graph graph =
      graph_of({node("a", "Conv", {"x"}, {"a0"}), node("gone", "Neg", {"a0"}, {"g"}), node("b", "Tanh", {"g"}, {"y"})});
  const auto origins =
      resolve_origins(graph, {kInput, layer("a", {"a"}, {0}), inserted("a_reorder_b", {1}), layer("b", {"b"}, {2})});
  EXPECT_EQ(origins[2].source, OriginSource::none);
  EXPECT_THAT(origins[2].nodes, IsEmpty());
  EXPECT_THAT(names(origins[3]), ElementsAre("gone", "b"));
}

TEST(ResolveOrigins, ShapeComputationsConstantsAndNoOperationsAreNeverInferred) {
  const Graph graph = graph_of({node("a", "Relu", {"x"}, {"a0"}), node("shape", "Shape", {"a0"}, {"d"}),
                                node("slice", "Slice", {"d"}, {"e"}), node("drop", "Dropout", {"a0"}, {"f"}),
                                node("c", "Constant", {}, {"k"}), node("b", "Reshape", {"f", "e"}, {"y"})});
  const auto origins = resolve_origins(graph, {kInput, layer("a", {"a"}, {0}), layer("b", {"b"}, {1})});
  EXPECT_THAT(names(origins[2]), ElementsAre("b"));
}

TEST(ResolveOrigins, AnUnknownLayerWithoutHintsTakesWhatLiesBetween) {
  const Graph graph = graph_of(
      {node("a", "Relu", {"x"}, {"a0"}), node("m", "Mul", {"a0", "k"}, {"m0"}), node("b", "Tanh", {"m0"}, {"y"})});
  const auto origins = resolve_origins(
      graph, {kInput, layer("a", {"a"}, {0}), layer("Kernel_1", {"Kernel_1"}, {1}), inserted("r", {2})});
  // Nothing known follows, so nothing lies between.
  EXPECT_EQ(origins[2].source, OriginSource::none);
}

TEST(ResolveOrigins, ProducersOutOfRangeAreIgnored) {
  const Graph graph = graph_of({node("a", "Relu", {"x"}, {"y"})});
  const auto origins = resolve_origins(graph, {layer("a", {"a"}, {7})});
  EXPECT_THAT(names(origins[0]), ElementsAre("a"));
}

TEST(ResolveOrigins, WorksOnNothing) {
  EXPECT_TRUE(resolve_origins({}, {}).empty());
  EXPECT_EQ(resolve_origins({}, {layer("l", {"a"}, {})})[0].source, OriginSource::none);
}

TEST(SplitClaimedNames, SplitsAtCommasAndDropsEmptyPieces) {
  EXPECT_THAT(split_claimed_names({}, "a,b,,c,"), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(split_claimed_names({}, "").empty());
}

TEST(SplitClaimedNames, KeepsNamesThatHoldACommaWhole) {
  const Graph graph = graph_of({node("sum(a,b)", "Add", {"x"}, {"y"})});
  EXPECT_THAT(split_claimed_names(graph, "conv,sum(a,b),relu"), ElementsAre("conv", "sum(a,b)", "relu"));
}

}  // namespace
}  // namespace trtprof
