#include "trtprof/optimize/experiments/fusion_placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/graphs.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Layer layer(const std::vector<std::string>& nodes, LayerClass layer_class = LayerClass::convolution) {
  Layer result;
  result.name = nodes.empty() ? "inserted" : nodes.front();
  result.layer_class = layer_class;
  for (const std::string& node : nodes) result.origin_nodes.push_back({node, ""});
  return result;
}

const FusionPair kBatchNorm{FusionPairKind::conv_bn, "c", {"c"}, {"b"}};
const FusionPair kActivation{FusionPairKind::conv_activation, "b", {"c", "b"}, {"g", "r"}};

TEST(FusionPlacement, OneLayerOrTwo) {
  const std::vector<Layer> fused = {layer({"c", "b", "g", "r"})};
  EXPECT_EQ(FusionPlacement(fused).of(kBatchNorm), Placement::fused);
  EXPECT_EQ(FusionPlacement(fused).of(kActivation), Placement::fused);
  const std::vector<Layer> apart = {layer({"c", "b"}), layer({}), layer({"g", "r"})};
  EXPECT_EQ(FusionPlacement(apart).of(kBatchNorm), Placement::fused);
  EXPECT_EQ(FusionPlacement(apart).of(kActivation), Placement::apart);
  EXPECT_THAT(FusionPlacement(apart).tail_layers(kActivation), ElementsAre(2U));
}

TEST(FusionPlacement, ATailThatNoLayerNamesWentIntoTheWeights) {
  const std::vector<Layer> folded = {layer({"c"}), layer({"g", "r"})};
  EXPECT_EQ(FusionPlacement(folded).of(kBatchNorm), Placement::fused);
  // The head ends with a node that has no layer: the one before it stands for it.
  EXPECT_EQ(FusionPlacement(folded).of(kActivation), Placement::apart);
}

TEST(FusionPlacement, WhatIsNotToldIsNotGuessed) {
  const std::vector<Layer> unnamed = {layer({})};
  EXPECT_EQ(FusionPlacement(unnamed).of(kBatchNorm), Placement::not_told);
  const std::vector<Layer> opaque = {layer({"c", "b", "g", "r"}, LayerClass::opaque)};
  EXPECT_EQ(FusionPlacement(opaque).of(kActivation), Placement::not_told);
}

// Two blocks of convolution and addition on a stem: the second adds to what the first one wrote.
class FusionControlsTest : public ::testing::Test {
 protected:
  FusionControlsTest() {
    writer.input("x", {1, 8, 4, 4}).conv("x", "stem", 8, 8).conv("stem", "c", 8, 8).node("Add", {"stem", "c"}, "a");
    writer.conv("a", "d", 8, 8).node("Add", {"d", "a"}, "e").conv("e", "last", 8, 8).output("last", {1, 8, 4, 4});
    for (const GraphNode& node : writer.graph.nodes) {
      tensors.emplace_back(value(node.outputs.front(), {1, 8, 4, 4}));
    }
  }
  std::vector<std::string> choose(const std::vector<Layer>& layers, const std::vector<const FusionPair*>& pairs) const {
    const FusionPlacement placement(layers);
    return FusionControls(placement, writer.graph, tensor_table(writer.graph, tensors)).choose(pairs);
  }

  GraphWriter writer;
  std::vector<ValueInfo> tensors;
  const std::vector<Layer> fused = {layer({"stem"}), layer({"c", "a"}), layer({"d", "e"}), layer({"last"})};
  const FusionPair first{FusionPairKind::conv_add, "c", {"c"}, {"a"}};
  const FusionPair second{FusionPairKind::conv_add, "d", {"d"}, {"e"}};
};

TEST_F(FusionControlsTest, AreWhatTheLayersWriteAnyway) {
  EXPECT_THAT(choose(fused, {&second}), ElementsAre("e"));
}

// Reading from "a" would keep the second addition from being done in place.
TEST_F(FusionControlsTest, AreNotWhatAnotherLayerAddsTo) {
  EXPECT_THAT(choose(fused, {&first}), ElementsAre("e"));
  EXPECT_THAT(choose(fused, {&first, &second}), ElementsAre("e", "e"));
}

TEST_F(FusionControlsTest, AreOfThePairsType) {
  for (ValueInfo& tensor : tensors) {
    if (tensor.name == "e" || tensor.name == "last") tensor.type = ElementType::f16;
  }
  EXPECT_THAT(choose(fused, {&second}), ElementsAre(""));
}

TEST_F(FusionControlsTest, ThereAreNoneWithoutLayers) {
  EXPECT_THAT(choose({layer({})}, {&first}), ElementsAre(""));
  EXPECT_THAT(choose(fused, {}), IsEmpty());
}

}  // namespace
}  // namespace trtprof::test
