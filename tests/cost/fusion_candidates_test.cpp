// What may run as one kernel, by graphs written by hand: one per pattern, and one per way in which it is not there.
#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/graphs.h"
#include "trtprof/cost/inspection.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "conv_bn: a b" each.
std::vector<std::string> found_in(const GraphWriter& writer) {
  std::vector<std::string> texts;
  for (const FusionCandidate& candidate : find_fusion_candidates(writer.graph, tensor_table(writer.graph))) {
    texts.push_back(fmt::format("{}: {}", to_string(candidate.kind), fmt::join(candidate.nodes, " ")));
  }
  return texts;
}

GraphWriter convolution() {
  GraphWriter writer;
  writer.input("x", {1, 8, 4, 4}).conv("x", "c", 8, 8, 3);
  return writer;
}

TEST(FusionCandidates, AConvolutionTakesWhatAloneReadsIt) {
  EXPECT_THAT(found_in(convolution()), IsEmpty());
  EXPECT_THAT(found_in(convolution().node("Relu", {"c"}, "r")), ElementsAre("conv_activation: c r"));
  EXPECT_THAT(found_in(convolution().batch_norm("c", "b", 8)), ElementsAre("conv_bn: c b"));
  EXPECT_THAT(found_in(convolution().batch_norm("c", "b", 8).node("Clip", {"b", "", ""}, "r")),
              ElementsAre("conv_bn_activation: c b r"));
  EXPECT_THAT(found_in(convolution().weight("k", {8, 1, 1}).node("Add", {"c", "k"}, "a")),
              ElementsAre("conv_affine: c a"));
  EXPECT_THAT(found_in(convolution().weight("k", {8, 1, 1}).node("Add", {"k", "c"}, "a").node("Relu", {"a"}, "r")),
              ElementsAre("conv_activation: c a r"));
}

TEST(FusionCandidates, BiasAndScaleAsNodesOfTheirOwn) {
  GraphWriter affine = convolution().weight("k", {8, 1, 1}).weight("s", {1});
  affine.node("Mul", {"c", "s"}, "m").node("Add", {"m", "k"}, "a");
  EXPECT_THAT(found_in(affine), ElementsAre("conv_affine: c m a"));
  EXPECT_THAT(found_in(GraphWriter(affine).node("Relu", {"a"}, "r").node("Mul", {"s", "r"}, "n")),
              ElementsAre("conv_activation: c m a r n"));
  // What is computed from constants alone is one.
  EXPECT_THAT(found_in(convolution()
                           .weight("k", {8})
                           .weight("to", {4}, ElementType::i64)
                           .node("Reshape", {"k", "to"}, "kr")
                           .node("Add", {"c", "kr"}, "a")),
              ElementsAre("conv_affine: c a"));
}

TEST(FusionCandidates, NotWhatSomethingElseReadsToo) {
  EXPECT_THAT(found_in(convolution().node("Relu", {"c"}, "r").node("Neg", {"c"}, "n")), IsEmpty());
  EXPECT_THAT(found_in(convolution().node("Relu", {"c"}, "r").output("c", {1, 8, 4, 4})), IsEmpty());
  EXPECT_THAT(found_in(convolution().node("Relu", {"c"}, "r", {}, "if/then_branch")), IsEmpty());
  EXPECT_THAT(found_in(convolution().node("Softmax", {"c"}, "s")), IsEmpty());
  // The batch normalisation's scale is what was convolved.
  EXPECT_THAT(found_in(convolution().node("BatchNormalization", {"y", "c", "s", "m", "v"}, "b")), IsEmpty());
}

TEST(FusionCandidates, ActivationsOfSeveralNodes) {
  EXPECT_THAT(found_in(convolution().node("Sigmoid", {"c"}, "s").node("Mul", {"c", "s"}, "swish")),
              ElementsAre("conv_activation: c s swish"));
  EXPECT_THAT(found_in(convolution().node("HardSigmoid", {"c"}, "s").node("Mul", {"s", "c"}, "hardswish")),
              ElementsAre("conv_activation: c s hardswish"));
  EXPECT_THAT(found_in(convolution()
                           .weight("3", {})
                           .weight("6", {})
                           .node("Add", {"c", "3"}, "a")
                           .node("Clip", {"a", "", ""}, "k")
                           .node("Mul", {"c", "k"}, "m")
                           .node("Div", {"m", "6"}, "hardswish")),
              ElementsAre("conv_activation: c a k m hardswish"));
  EXPECT_THAT(
      found_in(convolution().node("Softplus", {"c"}, "p").node("Tanh", {"p"}, "t").node("Mul", {"c", "t"}, "mish")),
      ElementsAre("conv_activation: c p t mish"));
  EXPECT_THAT(found_in(convolution()
                           .weight("root2", {})
                           .weight("1", {})
                           .weight("half", {})
                           .node("Div", {"c", "root2"}, "d")
                           .node("Erf", {"d"}, "e")
                           .node("Add", {"e", "1"}, "a")
                           .node("Mul", {"c", "a"}, "m")
                           .node("Mul", {"m", "half"}, "gelu")),
              ElementsAre("conv_activation: c d e a m gelu"));
}

TEST(FusionCandidates, AGateMustBendAndBeReadByTheProductAlone) {
  EXPECT_THAT(found_in(convolution().weight("k", {}).node("Add", {"c", "k"}, "a").node("Mul", {"c", "a"}, "m")),
              IsEmpty());
  EXPECT_THAT(
      found_in(convolution().node("Sigmoid", {"c"}, "s").node("Mul", {"c", "s"}, "m").node("Neg", {"s"}, "other")),
      IsEmpty());
  EXPECT_THAT(found_in(convolution().node("Sigmoid", {"c"}, "s").node("Mul", {"c", "y"}, "m")), IsEmpty());
}

TEST(FusionCandidates, ResidualAddition) {
  EXPECT_THAT(found_in(convolution().batch_norm("c", "b", 8).node("Add", {"b", "x"}, "a").node("Relu", {"a"}, "r")),
              ElementsAre("conv_add: c b a r"));
  EXPECT_THAT(found_in(convolution().node("Relu", {"c"}, "r").node("Add", {"x", "r"}, "a")),
              ElementsAre("conv_add: c r a"));
  // Two convolutions added: the later one has the other's result to add.
  EXPECT_THAT(found_in(convolution().batch_norm("c", "b", 8).conv("x", "d", 8, 8).node("Add", {"b", "d"}, "a")),
              ElementsAre("conv_bn: c b", "conv_add: d a"));
  EXPECT_THAT(found_in(convolution().node("Add", {"c", "c"}, "a")), IsEmpty());
}

GraphWriter depthwise(const std::string& input, std::int64_t channels, GraphWriter writer) {
  writer.conv(input, "dw", channels, channels, 3, channels).node("Relu", {"dw"}, "dw_r");
  return writer;
}

TEST(FusionCandidates, DepthwiseAndPointwise) {
  GraphWriter writer;
  writer = depthwise("x", 8, writer.input("x", {1, 8, 4, 4}));
  writer.conv("dw_r", "pw", 8, 16).node("Relu", {"pw"}, "pw_r");
  EXPECT_THAT(found_in(writer), ElementsAre("conv_activation: dw dw_r", "conv_activation: pw pw_r",
                                            "depthwise_pointwise: dw dw_r pw pw_r"));
}

TEST(FusionCandidates, DepthwiseAlone) {
  GraphWriter writer;
  writer = depthwise("x", 8, writer.input("x", {1, 8, 4, 4}));
  EXPECT_THAT(found_in(GraphWriter(writer).conv("dw_r", "c", 8, 16, 3)), ElementsAre("conv_activation: dw dw_r"));
  EXPECT_THAT(found_in(GraphWriter(writer).conv("dw_r", "pw", 8, 16).node("Neg", {"dw_r"}, "n")),
              ElementsAre("conv_activation: dw dw_r"));
}

GraphWriter expanded() {
  GraphWriter writer;
  writer.input("x", {1, 8, 4, 4}).conv("x", "ex", 8, 48).node("Relu", {"ex"}, "ex_r");
  return depthwise("ex_r", 48, writer);
}

TEST(FusionCandidates, InvertedResidual) {
  EXPECT_THAT(found_in(expanded().conv("dw_r", "pw", 48, 8).node("Add", {"x", "pw"}, "a")),
              ElementsAre("conv_activation: ex ex_r", "conv_activation: dw dw_r", "conv_add: pw a",
                          "inverted_residual: ex ex_r dw dw_r pw a"));
  EXPECT_THAT(found_in(expanded().conv("dw_r", "pw", 48, 16)).back(), "inverted_residual: ex ex_r dw dw_r pw");
}

TEST(FusionCandidates, ExpansionOfOneHasNoWideningConvolution) {
  GraphWriter writer;
  writer.input("x", {1, 3, 8, 8}).conv("x", "stem", 3, 32, 3).node("Relu", {"stem"}, "stem_r");
  writer = depthwise("stem_r", 32, writer);
  EXPECT_THAT(found_in(writer.conv("dw_r", "pw", 32, 16)).back(), "inverted_residual: dw dw_r pw");
}

TEST(FusionCandidates, AnActivationAfterTheProjectionIsNoInvertedResidual) {
  EXPECT_THAT(found_in(expanded().conv("dw_r", "pw", 48, 64).node("Relu", {"pw"}, "pw_r")).back(),
              "depthwise_pointwise: dw dw_r pw pw_r");
}

TEST(FusionCandidates, InvertedResidualWithSqueezeAndExcitation) {
  GraphWriter writer = expanded();
  writer.node("GlobalAveragePool", {"dw_r"}, "pool").conv("pool", "s1", 48, 12).node("Sigmoid", {"s1"}, "sg");
  writer.node("Mul", {"s1", "sg"}, "s1_r").conv("s1_r", "s2", 12, 48).node("Sigmoid", {"s2"}, "s2_r");
  writer.node("Mul", {"s2_r", "dw_r"}, "se").conv("se", "pw", 48, 8).node("Add", {"pw", "x"}, "a");
  EXPECT_THAT(found_in(writer).back(), "inverted_residual: ex ex_r dw dw_r pool s1 sg s1_r s2 s2_r se pw a");
}

TEST(FusionCandidates, TwelveThousandNodesTakeNoTimeToSpeakOf) {
  GraphWriter writer;
  writer.input("x0", {1, 8, 4, 4});
  for (int i = 0; i < 3000; ++i) {
    const std::string name = std::to_string(i);
    writer.conv("x" + name, "c" + name, 8, 8).batch_norm("c" + name, "b" + name, 8);
    writer.node("Relu", {"b" + name}, "r" + name).node("Add", {"r" + name, "x" + name}, "x" + std::to_string(i + 1));
  }
  // One tensor that everything reads must not be gone through for each reader.
  for (int i = 0; i < 3000; ++i) {
    writer.node("Add", {"x0", "x3000"}, "y" + std::to_string(i));
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(found_in(writer).size(), 3000U);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), 2.0);  // a quadratic search takes far longer; unoptimised builds get some room
}

}  // namespace
}  // namespace trtprof::test
