#include "trtprof/optimize/sensitivity/precision_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> all_nodes(const Graph& graph) {
  std::vector<std::string> nodes;
  for (const GraphNode& node : graph.nodes) nodes.push_back(node.display_name());
  return nodes;
}

Graph graph_of(const std::string& nodes) {
  return parsed(
             "<ir_version: 8, opset_import: [\"\" : 17]> g (float[1,4,8,8] x, float[4,4,1,1] w, float[4] b) "
             "=> (float[1,4,8,8] y) { " +
             nodes + " }")
      .graph();
}

TEST(PrecisionGroups, AConvolutionGoesWithWhatFollowsIt) {
  const Graph graph = graph_of(
      "c = Conv(x, w) r = Relu(c) d = Conv(r, w) s = Sigmoid(d) m = Mul(d, s) p = AveragePool<kernel_shape=[1,1]>(m) "
      "y = Conv(p, w)");
  const auto groups = groups_by_fusion(graph, all_nodes(graph));
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].name, "c");
  EXPECT_EQ(groups[0].op_type, "Conv");
  EXPECT_THAT(groups[0].nodes, ElementsAre("c", "r"));
  EXPECT_THAT(groups[1].nodes, ElementsAre("d", "s", "m"));
  EXPECT_THAT(groups[2].nodes, ElementsAre("p"));
  EXPECT_THAT(groups[3].nodes, ElementsAre("y"));
}

TEST(PrecisionGroups, AResidualAdditionGoesWithItsLaterBranch) {
  const Graph graph = graph_of("a = Conv(x, w) r = Relu(a) c = Conv(r, w) s = Add(r, c) y = Relu(s)");
  const auto groups = groups_by_fusion(graph, all_nodes(graph));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_THAT(groups[1].nodes, ElementsAre("c", "s", "y"));
}

TEST(PrecisionGroups, WhatDoesNotConvertIsInNone) {
  const Graph graph = graph_of("a = Conv(x, w) e = Exp(a) c = Conv(e, w) y = Relu(c)");
  const std::vector<std::string> converted = {"a", "c", "y"};
  const auto groups = groups_by_fusion(graph, converted);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_THAT(groups[0].nodes, ElementsAre("a"));
  EXPECT_THAT(groups[1].nodes, ElementsAre("c", "y"));
}

// A list of nodes to keep names both or none.
TEST(PrecisionGroups, NodesOfOneNameAreTogether) {
  Graph graph = graph_of("a = Conv(x, w) b1 = Conv(a, w) y = Conv(b1, w)");
  graph.nodes[0].name = "conv";
  graph.nodes[2].name = "conv";
  const auto groups = groups_by_fusion(graph, all_nodes(graph));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_THAT(groups[0].nodes, ElementsAre("conv"));
  EXPECT_THAT(groups[1].nodes, ElementsAre("b1"));
}

TEST(PrecisionGroups, NodesOfTheOthers) {
  const std::vector<PrecisionGroup> groups = {{"a", "Conv", {"a", "r"}}, {"b", "Conv", {"b"}}, {"c", "Conv", {"c"}}};
  const std::vector<std::size_t> without = {1};
  EXPECT_THAT(nodes_of_all_but(groups, without), ElementsAre("a", "r", "c"));
}

}  // namespace
}  // namespace trtprof::test
