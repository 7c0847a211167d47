#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;

constexpr const char* kPass = "fold-batch-normalization";
// Of two channels.
const std::string kStatistics =
    "float[2] s = {1.5, -2}, float[2] b = {0.5, 1}, float[2] m = {0.25, -3}, float[2] v = {0.5, 4}";

std::string with_statistics(const std::string& weights, const std::string& nodes, const std::string& io) {
  return io + " <" + kStatistics + (weights.empty() ? "" : ", " + weights) + "> { " + nodes + " }";
}

const std::string kImages = "(float[n, 2, 5, 5] x) => (float[n, 2, h, w] y)";
const std::string kWeights = "float[2, 2, 1, 1] w = {1, 2, -3, 0.5}";

TEST(FoldBatchNormalization, IntoConv) {
  const auto run = expect_becomes(
      kPass, with_statistics(kWeights, "c = Conv(x, w) y = BatchNormalization(c, s, b, m, v)", kImages), {"Conv"});
  EXPECT_EQ(run.after.proto().graph().initializer_size(), 2) << "the statistics are of no use any more";
  EXPECT_EQ(run.after.proto().graph().node(0).output(0), "y") << "outputs keep their names";
  ASSERT_EQ(run.report.applications.size(), 1U);
  EXPECT_EQ(run.report.applications[0].what, "BatchNormalization 'y' is part of Conv 'c'");
  EXPECT_THAT(run.report.applications[0].nodes, ElementsAre("y", "c"));
}

TEST(FoldBatchNormalization, IntoConvWithBiasInsideAModel) {
  expect_becomes(
      kPass,
      with_statistics(kWeights + ", float[2] cb = {7, -1}",
                      "c = Conv<pads=[1,1,1,1]>(x, w, cb) n = BatchNormalization<epsilon=0.1>(c, s, b, m, v) "
                      "r = Relu(n) y = Add(r, n)",
                      kImages),
      {"Conv", "Relu", "Add"});
}

TEST(FoldBatchNormalization, IntoGroupedConv) {
  expect_becomes(kPass,
                 with_statistics("float[2, 1, 3, 3] w = {1,2,3,4,5,6,7,8,9,-1,-2,-3,-4,-5,-6,-7,-8,-9}",
                                 "c = Conv<group=2>(x, w) y = BatchNormalization(c, s, b, m, v)", kImages),
                 {"Conv"});
}

TEST(FoldBatchNormalization, IntoConvOfOneDimension) {
  expect_becomes(
      kPass,
      with_statistics("float[2, 2, 2] w = {1,2,3,4,5,6,7,8}", "c = Conv(x, w) y = BatchNormalization(c, s, b, m, v)",
                      "(float[n, 2, 9] x) => (float[n, 2, l] y)"),
      {"Conv"});
}

TEST(FoldBatchNormalization, IntoConvTranspose) {
  expect_becomes(
      kPass,
      with_statistics("float[2, 2, 2, 2] w = {1,2,3,4,5,6,7,8,-1,2,-3,4,-5,6,-7,8}",
                      "c = ConvTranspose<strides=[2,2]>(x, w) y = BatchNormalization(c, s, b, m, v)", kImages),
      {"ConvTranspose"});
  // Two groups of one input and one output; two of two inputs and one output.
  expect_becomes(kPass,
                 with_statistics("float[2, 1, 1, 1] w = {2, -3}, float[2] cb = {1, 2}",
                                 "c = ConvTranspose<group=2>(x, w, cb) y = BatchNormalization(c, s, b, m, v)", kImages),
                 {"ConvTranspose"});
  expect_becomes(kPass,
                 with_statistics("float[4, 1, 1, 1] w = {2, -3, 5, 7}",
                                 "c = ConvTranspose<group=2>(x, w) y = BatchNormalization(c, s, b, m, v)",
                                 "(float[n, 4, 3, 3] x) => (float[n, 2, 3, 3] y)"),
                 {"ConvTranspose"});
}

TEST(FoldBatchNormalization, IntoGemm) {
  const std::string io = "(float[n, 3] x) => (float[n, 2] y)";
  expect_becomes(kPass,
                 with_statistics("float[3, 2] w = {1,2,3,4,5,6}, float[2] c = {1, -1}",
                                 "g = Gemm<alpha=0.5, beta=2.0>(x, w, c) y = BatchNormalization(g, s, b, m, v)", io),
                 {"Gemm"});
  expect_becomes(kPass,
                 with_statistics("float[2, 3] w = {1,2,3,4,5,6}, float[1, 2] c = {1, -1}",
                                 "g = Gemm<transB=1>(x, w, c) y = BatchNormalization(g, s, b, m, v)", io),
                 {"Gemm"});
  expect_becomes(kPass,
                 with_statistics("float[2, 3] w = {1,2,3,4,5,6}, float c = {3}",
                                 "g = Gemm<transB=1, alpha=-1.0>(x, w, c) y = BatchNormalization(g, s, b, m, v)", io),
                 {"Gemm"});
  EXPECT_THAT(expect_unchanged(kPass, with_statistics("float[3, 2] w = {1,2,3,4,5,6}, float[2, 1] c = {1, -1}",
                                                      "g = Gemm(x, w, c) y = BatchNormalization(g, s, b, m, v)",
                                                      "(float[2, 3] x) => (float[2, 2] y)")),
              ElementsAre("the bias of Gemm 'g' is not one number for each output"));
}

TEST(FoldBatchNormalization, IntoTheConvBehindIt) {
  expect_becomes(kPass, with_statistics(kWeights, "n = BatchNormalization(x, s, b, m, v) y = Conv(n, w)", kImages),
                 {"Conv"});
  expect_becomes(kPass,
                 with_statistics("float[4, 1, 1, 1] w = {1, 2, -3, 4}, float[4] cb = {1, 2, 3, 4}",
                                 "n = BatchNormalization(x, s, b, m, v) y = Conv<group=2>(n, w, cb)",
                                 "(float[n, 2, 5, 5] x) => (float[n, 4, 5, 5] y)"),
                 {"Conv"});
  EXPECT_THAT(expect_unchanged(kPass, with_statistics(kWeights,
                                                      "n = BatchNormalization(x, s, b, m, v) "
                                                      "y = Conv<pads=[1,1,1,1]>(n, w)",
                                                      kImages)),
              ElementsAre("Conv 'y' behind it pads with zeros, which it would not have changed"));
  // Without terms a padded zero stays a zero.
  expect_becomes(kPass,
                 "(float[n, 2, 5, 5] x) => (float[n, 2, h, w] y) <float[2] s = {1.5, -2}, float[2] z = {0, 0}, "
                 "float[2] v = {0.5, 4}, float[2, 2, 1, 1] w = {1, 2, -3, 0.5}> "
                 "{ n = BatchNormalization(x, s, z, z, v) y = Conv<pads=[1,1,1,1]>(n, w) }",
                 {"Conv"});
}

TEST(FoldBatchNormalization, WeightsThatOthersReadStayForThem) {
  const auto run =
      expect_becomes(kPass,
                     with_statistics(kWeights, "c = Conv(x, w) y = BatchNormalization(c, s, b, m, v) z = Conv(x, w)",
                                     "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y, float[n, 2, 5, 5] z)"),
                     {"Conv", "Conv"});
  EXPECT_EQ(run.after.proto().graph().node(1).input(1), "w");
}

TEST(FoldBatchNormalization, WeightsOfConstantNodes) {
  expect_becomes(kPass,
                 with_statistics("",
                                 "w = Constant<value = float[2, 2, 1, 1] {1, 2, -3, 0.5}>() c = Conv(x, w) "
                                 "y = BatchNormalization(c, s, b, m, v)",
                                 kImages),
                 {"Conv"});
}

TEST(FoldBatchNormalization, OldOperatorSets) {
  const std::string graph = with_statistics(kWeights, "c = Conv(x, w) y = BatchNormalization(c, s, b, m, v)", kImages);
  for (const int opset : {7, 9, 14, 15, 21}) expect_becomes(kPass, graph, {"Conv"}, opset);
  expect_becomes(kPass,
                 with_statistics(kWeights, "c = Conv(x, w) y = BatchNormalization<is_test=1>(c, s, b, m, v)", kImages),
                 {"Conv"}, 6);
  EXPECT_THAT(expect_unchanged(kPass, graph, 6), ElementsAre("it is in training mode: is_test is 0"));
  EXPECT_THAT(
      expect_unchanged(
          kPass, with_statistics(kWeights, "c = Conv(x, w) y = BatchNormalization<spatial=0>(c, s, b, m, v)", kImages),
          7),
      ElementsAre("it normalises each activation, not each channel: spatial is 0"));
}

TEST(FoldBatchNormalization, SaysWhyNot) {
  const auto reason = [](const std::string& weights, const std::string& nodes,
                         const std::string& io = "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y)") {
    const auto reasons = expect_unchanged(kPass, with_statistics(weights, nodes, io));
    return reasons.size() == 1 ? reasons[0] : std::to_string(reasons.size()) + " reasons";
  };
  EXPECT_EQ(reason(kWeights, "c = Conv(x, w) y, rm, rv = BatchNormalization<training_mode=1>(c, s, b, m, v)"),
            "it is in training mode");
  EXPECT_EQ(reason(kWeights, "c = Conv(x, w) n = BatchNormalization(c, s, b, m, v) y = Add(n, c)"),
            "others read what Conv 'c' makes, too");
  EXPECT_EQ(reason(kWeights, "c = Conv(x, w) y = BatchNormalization(c, s, b, m, v)",
                   "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y, float[n, 2, 5, 5] c)"),
            "others read what Conv 'c' makes, too");
  EXPECT_EQ(reason(kWeights, "r = Relu(x) y = BatchNormalization(r, s, b, m, v)"),
            "Relu 'r' makes its input, which has no weights to take it");
  EXPECT_EQ(reason(kWeights, "n = BatchNormalization(x, s, b, m, v) y = Relu(n)"),
            "nothing that has weights makes its input");
  EXPECT_EQ(reason(kWeights, "c = Conv(x, w) d = Add(m, t) y = BatchNormalization(c, s, b, d, v)",
                   "(float[n, 2, 5, 5] x, float[2] t) => (float[n, 2, 5, 5] y)"),
            "its mean is not a constant");
  EXPECT_EQ(reason("", "c = Conv(x, w) y = BatchNormalization(c, s, b, m, v)",
                   "(float[n, 2, 5, 5] x, float[2, 2, 1, 1] w) => (float[n, 2, 5, 5] y)"),
            "the weights of Conv 'c' are not a constant");
  EXPECT_EQ(reason(kWeights, "c = Conv(x, w, t) y = BatchNormalization(c, s, b, m, v)",
                   "(float[n, 2, 5, 5] x, float[2] t) => (float[n, 2, 5, 5] y)"),
            "the bias of Conv 'c' is not a constant");
  EXPECT_EQ(reason(kWeights + ", float[2] u = {-1, 1}", "c = Conv(x, w) y = BatchNormalization(c, s, b, m, u)"),
            "channel 0 has a variance of -1");
  EXPECT_EQ(reason(kWeights + ", float[2] u = {1e30, 1}, float[2] t = {0, 1}",
                   "c = Conv(x, w) y = BatchNormalization<epsilon=1e-30>(c, u, b, m, t)"),
            "weights of Conv 'c' would not be finite in f32");
}

// ONNX's text form has f16 as bits: 15360 is 1, 16384 is 2.
TEST(FoldBatchNormalization, HalfPrecisionWeightsAreRefused) {
  EXPECT_THAT(
      expect_unchanged(
          kPass,
          "(float16[n, 2, 5, 5] x) => (float16[n, 2, 5, 5] y) <float16[2, 2, 1, 1] w = {15360, 16384, 0, "
          "15360}, float16[2] s = {15360, 16384}> { c = Conv(x, w) y = BatchNormalization(c, s, s, s, s) }"),
      ElementsAre(
          "the weights of Conv 'c' are f16, which a second rounding would cost accuracy: fold before converting"));
}

TEST(FoldBatchNormalization, WhatSubgraphsReadStays) {
  const auto reasons = expect_unchanged(
      kPass, "(float[1, 2, 5, 5] x, bool t) => (float[1, 2, 5, 5] y) <" + kStatistics + ", " + kWeights +
                 "> { c = Conv(x, w) n = BatchNormalization(c, s, b, m, v) "
                 "y = If(t) <then_branch = a () => (float[1, 2, 5, 5] p) { p = Relu(c) }, "
                 "else_branch = d () => (float[1, 2, 5, 5] q) { q = Neg(n) }> }");
  EXPECT_THAT(reasons, ElementsAre("others read what Conv 'c' makes, too"));
  const auto run =
      expect_becomes(kPass,
                     "(float[1, 2, 5, 5] x, bool t) => (float[1, 2, 5, 5] y) <" + kStatistics + ", " + kWeights +
                         "> { c = Conv(x, w) n = BatchNormalization(c, s, b, m, v) "
                         "y = If(t) <then_branch = a () => (float[1, 2, 5, 5] p) { p = Relu(n) }, "
                         "else_branch = d () => (float[1, 2, 5, 5] q) { q = Neg(n) }> }",
                     {"Conv", "If"});
}

TEST(FoldBatchNormalization, StopsAtTheLimitOfRewrites) {
  const OnnxModel model = test::parsed_model(with_statistics(
      kWeights,
      "c = Conv(x, w) n = BatchNormalization(c, s, b, m, v) d = Conv(n, w) y = BatchNormalization(d, s, b, m, v)",
      kImages));
  EXPECT_EQ(test::apply_pass(kPass, model.clone(), 1).report.applications.size(), 1U);
  EXPECT_EQ(test::apply_pass(kPass, model.clone(), 0).report.applications.size(), 0U);
  EXPECT_EQ(test::apply_pass(kPass, model.clone()).report.applications.size(), 2U);
}

}  // namespace
}  // namespace trtprof
