#include "trtprof/cost/fusion_pairs.h"

#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/graphs.h"
#include "support/torchvision_mobilenetv2.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "conv_bn: a | b" each.
std::vector<std::string> pairs_of(const GraphWriter& writer) {
  std::vector<std::string> texts;
  for (const FusionPair& pair : find_fusion_pairs(writer.graph, tensor_table(writer.graph))) {
    EXPECT_EQ(pair.tensor, pair.head.back());  // nodes of this test are named for what they make
    texts.push_back(
        fmt::format("{}: {} | {}", to_string(pair.kind), fmt::join(pair.head, " "), fmt::join(pair.tail, " ")));
  }
  return texts;
}

GraphWriter convolution() {
  GraphWriter writer;
  writer.input("x", {1, 8, 4, 4}).conv("x", "c", 8, 8, 3);
  return writer;
}

TEST(FusionPairs, OneForEachStepOfAChain) {
  EXPECT_THAT(pairs_of(convolution()), IsEmpty());
  EXPECT_THAT(
      pairs_of(convolution()
                   .batch_norm("c", "b", 8)
                   .node("Relu", {"b"}, "r")
                   .node("Add", {"r", "x"}, "a")
                   .node("Relu", {"a"}, "s")),
      ElementsAre("conv_bn: c | b", "conv_activation: c b | r", "conv_add: c b r | a", "add_activation: c b r a | s"));
  EXPECT_THAT(pairs_of(convolution().weight("k", {8, 1, 1}).node("Add", {"k", "c"}, "a").node("Relu", {"a"}, "r")),
              ElementsAre("conv_affine: c | a", "conv_activation: c a | r"));
}

TEST(FusionPairs, AnActivationThatIsWrittenOutIsOneTail) {
  EXPECT_THAT(pairs_of(convolution().node("Sigmoid", {"c"}, "g").node("Mul", {"c", "g"}, "m")),
              ElementsAre("conv_activation: c | g m"));
}

TEST(FusionPairs, NotWhatSomethingElseReadsToo) {
  EXPECT_THAT(pairs_of(convolution().node("Relu", {"c"}, "r").node("MaxPool", {"c"}, "p")), IsEmpty());
  EXPECT_THAT(pairs_of(convolution().node("Relu", {"c"}, "r").output("c", {1, 8, 4, 4})), IsEmpty());
}

TEST(FusionPairs, AnAdditionOfTwoConvolutionsIsTheTailOfEither) {
  EXPECT_THAT(pairs_of(convolution().conv("x", "d", 8, 8).node("Add", {"c", "d"}, "a").node("Relu", {"a"}, "r")),
              ElementsAre("conv_add: c | a", "add_activation: c a | r", "conv_add: d | a"));
}

TEST(FusionPairs, ADepthwiseConvolutionAndTheNarrowOneBehindIt) {
  GraphWriter writer;
  writer.input("x", {1, 8, 4, 4}).conv("x", "d", 8, 8, 3, 8).node("Relu", {"d"}, "r").conv("r", "p", 8, 16);
  EXPECT_THAT(pairs_of(writer), ElementsAre("conv_activation: d | r", "depthwise_pointwise: d r | p"));
  GraphWriter wide;
  wide.input("x", {1, 8, 4, 4}).conv("x", "d", 8, 8, 3, 8).conv("d", "p", 8, 16, 3);
  EXPECT_THAT(pairs_of(wide), IsEmpty());
}

TEST(FusionPairs, MatrixProducts) {
  GraphWriter writer;
  writer.input("x", {2, 8}).weight("w", {8, 8}).weight("b", {8}).node("MatMul", {"x", "w"}, "m");
  writer.node("Add", {"m", "b"}, "a").node("Gelu", {"a"}, "g").node("MatMul", {"g", "w"}, "n");
  writer.node("Add", {"x", "n"}, "y");
  EXPECT_THAT(pairs_of(writer), ElementsAre("matmul_affine: m | a", "matmul_activation: m a | g", "matmul_add: n | y"));
}

TEST(FusionPairs, ElementwiseOperatorsAmongThemselves) {
  GraphWriter writer;
  writer.input("x", {2, 8}).input("y", {2, 8}).node("Add", {"x", "y"}, "a").node("Relu", {"a"}, "r");
  writer.node("Mul", {"r", "y"}, "m").node("Softmax", {"m"}, "s");
  EXPECT_THAT(pairs_of(writer), ElementsAre("pointwise: a | r", "pointwise: a r | m"));
  // Arithmetic on shapes is none on data.
  GraphWriter shapes;
  shapes.graph.inputs.push_back(value("n", {1}, ElementType::i64));
  shapes.graph.outputs.push_back(value("b", {1}, ElementType::i64));
  shapes.weight("two", {1}, ElementType::i64).node("Mul", {"n", "two"}, "a").node("Add", {"a", "two"}, "b");
  const TensorTable tensors = tensor_table(shapes.graph, {value("a", {1}, ElementType::i64)});
  EXPECT_THAT(find_fusion_pairs(shapes.graph, tensors), IsEmpty());
}

TEST(FusionPairs, MobileNetV2HasThoseThatItsPaperDraws) {
  const Graph graph = torchvision_mobilenet_v2(1, true);
  std::map<FusionPairKind, int> counts;
  for (const FusionPair& pair : find_fusion_pairs(graph, tensor_table(graph))) ++counts[pair.kind];
  EXPECT_EQ(counts, (std::map<FusionPairKind, int>{{FusionPairKind::conv_bn, 52},
                                                   {FusionPairKind::conv_activation, 35},
                                                   {FusionPairKind::conv_add, 10},
                                                   {FusionPairKind::depthwise_pointwise, 17}}));
}

}  // namespace
}  // namespace trtprof::test
