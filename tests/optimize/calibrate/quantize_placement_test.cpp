// Where Q/DQ pairs go in graphs that are less simple, and what is left out of them with its reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/calibrate/quantized_model.h"

namespace trtprof {
namespace {

using test::calibrated;
using test::initializer;
using test::kHead;
using test::kWeights;
using test::lines;
using test::names;
using test::parsed;
using test::quantized;
using test::reasons;
using test::values_of;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

float scale(const QuantizedModel& result, const std::string& value) {
  return values_of<float>(initializer(result.model, value + "_scale")).at(0);
}

TEST(QuantizePlacement, OneScaleForAConcatReachesThroughWhatMovesValues) {
  const auto result =
      quantized("(float[n, 1, 6, 6] x, float[n, 1, 3, 3] z) => (float[n, 2, 3, 3] y) " + kWeights +
                    "{ p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(x) c = Concat<axis=1>(p, z) y = Conv(c, w) }",
                {"x", "z", "p", "c"});
  EXPECT_THAT(lines(result.model), Contains("MaxPool(x_dequantized) -> p"));
  EXPECT_EQ(scale(result, "x"), 2.0F);
  EXPECT_EQ(scale(result, "z"), 2.0F);
}

TEST(QuantizePlacement, ConcatsOfConcatsHaveOneScale) {
  const auto result = quantized(
      "(float[n, 1, 5, 5] x, float[n, 1, 5, 5] z, float[n, 2, 5, 5] v) => (float[n, 2, 5, 5] y) "
      "<float[2, 4, 1, 1] w = {1, 1, 1, 1, 1, 1, 1, 1}> "
      "{ c = Concat<axis=1>(x, z) e = Concat<axis=1>(c, v) y = Conv(e, w) }",
      {"x", "z", "v", "c", "e"});
  EXPECT_THAT(lines(result.model), Contains("Concat(x_dequantized, z_dequantized) -> c"));
  for (const char* value : {"x", "z", "v"}) EXPECT_EQ(scale(result, value), 3.0F) << value;
}

// As the C2f block of YOLOv8: parts go on and come together again.
TEST(QuantizePlacement, WhatASplitPartsAndAConcatJoinsHasOneScale) {
  const auto result = quantized(
      "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) "
      "<float[1, 1, 1, 1] w = {1}, float[2, 3, 1, 1] u = {1, 1, 1, 1, 1, 1}> "
      "{ a, b = Split<axis=1>(x) m = Conv(b, w) c = Concat<axis=1>(a, b, m) y = Conv(c, u) }",
      {"x", "m", "a", "b", "c"});
  EXPECT_THAT(lines(result.model), Contains("Split(x_dequantized) -> a, b"));
  EXPECT_EQ(scale(result, "x"), 2.0F);
  EXPECT_EQ(scale(result, "m"), 2.0F);
}

TEST(QuantizePlacement, WhatIsKeptDoesNotMoveIntegersEither) {
  const std::string model = "(float[n, 1, 5, 5] x, float[n, 1, 5, 5] z) => (float[n, 2, 5, 5] y) " + kWeights +
                            "{ [join] c = Concat<axis=1>(x, z) y = Conv(c, w) }";
  QuantizeOptions by_type;
  by_type.keep_ops = {"Concat"};
  EXPECT_THAT(lines(quantized(model, {"c", "x", "z"}, by_type).model), Contains("Concat(x, z) -> c"));
  QuantizeOptions by_name;
  by_name.keep_nodes = {"join"};
  EXPECT_THAT(lines(quantized(model, {"c", "x", "z"}, by_name).model), Contains("Concat(x, z) -> c"));
}

TEST(QuantizePlacement, AnOperatorTypeThatTheModelDoesNotHaveIsSaid) {
  QuantizeOptions options;
  options.keep_ops = {"Convv"};
  const auto result =
      quantized("(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights + "{ y = Conv(x, w) }", {"x"}, options);
  EXPECT_THAT(result.report.notes, ElementsAre("no node is a Convv, which was to be kept"));
}

// Height and width are open: that the skip has those of the convolution is likely, and wrong answers cannot come of it.
TEST(QuantizePlacement, ResidualsOfOpenShapes) {
  const auto result = quantized("(float[n, 2, h, v] x) => (float[n, 2, i, j] y) " + kWeights +
                                    "{ p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(x) a = Conv(p, w) s = Add(a, p) "
                                    "r = Relu(s) g = GlobalAveragePool(r) y = Conv(r, u) }",
                                {"x", "p", "r", "a", "s"});
  EXPECT_THAT(names(result.report), ElementsAre("a", "s", "g", "y"));
  const auto broadcast = quantized("(float[n, 2, h, v] x, float[n, 2, 1, 1] t) => (float[n, 2, h, v] y) " + kWeights +
                                       "{ a = Conv(x, w) y = Add(a, t) }",
                                   {"x", "t", "a"});
  EXPECT_THAT(reasons(broadcast.report), ElementsAre("y: its inputs may have different shapes"));
}

TEST(QuantizePlacement, PoolingOfWhatNoConvolutionMakes) {
  const auto result =
      quantized("(float[n, 2, 5, 5] x) => (float[n, 2, 1, 1] y) { r = Exp(x) y = GlobalAveragePool(r) }", {"r"});
  EXPECT_THAT(reasons(result.report), ElementsAre("y: what it reads does not come from a quantised layer"));
}

// OpenVINO computes products with a scale for each column of each matrix wrongly.
TEST(QuantizePlacement, BatchedWeightsHaveOneScale) {
  const auto result = quantized(
      "(float[n, 2, 3, 2] x) => (float[n, 2, 3, 2] y) <float[2, 2, 2] w = {1, 2, 3, 4, 5, 6, 7, 8}> "
      "{ y = MatMul(x, w) }",
      {"x"});
  EXPECT_EQ(initializer(result.model, "w_scale").shape, std::vector<std::int64_t>{});
  const auto one = quantized(
      "(float[n, 2, 3, 2] x) => (float[n, 2, 3, 2] y) <float[1, 2, 2] w = {1, 2, 3, 4}> { y = MatMul(x, w) }", {"x"});
  EXPECT_EQ(initializer(one.model, "w_scale").shape, std::vector<std::int64_t>{2});
}

TEST(QuantizePlacement, WeightsThatAreNoNumbersStayWithTheirReason) {
  OnnxModel model = parsed(kHead + "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights +
                           "{ a = Conv(x, w) y = Conv(a, u) }");
  for (auto& tensor : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    if (tensor.name() == "w") tensor.set_float_data(1, std::numeric_limits<float>::quiet_NaN());
  }
  const auto result = quantize(model, calibrated({"x", "a"}));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(reasons(result->report), ElementsAre("a: its weights have values that are no finite numbers"));
  EXPECT_THAT(names(result->report), ElementsAre("y"));
}

// A scale of f16 that small would have lost its digits, and the weights with it.
TEST(QuantizePlacement, WhatF16HasNoScaleForStaysWithItsReason) {
  const std::string model =
      "(float[n, 1, 5, 5] x) => (float[n, 1, 5, 5] y) "
      "<float[1, 1, 1, 1] w = {0.00003}, float[1, 1, 1, 1] u = {1}> "
      "{ a = Conv(x, w) b = Conv(a, u) y = Conv(b, u) }";
  Calibration calibration = calibrated({"x", "a", "b"});
  calibration.values["a"].threshold = 1e-5;
  QuantizeOptions options;
  options.scale_type = HalfType::f16;
  const auto half = quantize(parsed(kHead + model), calibration, options);
  ASSERT_TRUE(half);
  EXPECT_THAT(reasons(half->report), ElementsAre("a: its weights are so small that f16 has no scale for them",
                                                 "b: its input 'a' is so small that f16 has no scale for it"));
  EXPECT_THAT(names(quantize(parsed(kHead + model), calibration)->report), ElementsAre("a", "b", "y"));
  options.scale_type = HalfType::bf16;
  EXPECT_THAT(names(quantize(parsed(kHead + model), calibration, options)->report), ElementsAre("a", "b", "y"));
}

TEST(QuantizePlacement, WeightsThatAreComputedFromConstants) {
  const auto result = quantized(
      "(float[n, 2] x) => (float[n, 2] y) <float[2, 2] w = {1, 2, 3, 4}> { t = Transpose(w) y = MatMul(x, t) }", {"x"});
  EXPECT_THAT(reasons(result.report),
              ElementsAre("y: its weights are computed from constants, which folding would make one of"));
  const auto first =
      quantized("(float[2, n] x) => (float[2, n] y) <float[2, 2] w = {1, 2, 3, 4}> { y = MatMul(w, x) }", {"x"});
  EXPECT_THAT(reasons(first.report), ElementsAre("y: its first factor is the constant, not its second"));
}

TEST(QuantizePlacement, WhatSubgraphsHoldIsSaid) {
  const auto result = quantized(
      "(float[n, 2] x, bool c) => (float[n, 2] y) <float[2, 2] w = {1, 2, 3, 4}> { a = MatMul(x, w) "
      "y = If(c) <then_branch = g1 () => (float[n, 2] t) { t = MatMul(a, w) }, "
      "else_branch = g2 () => (float[n, 2] e) { e = Relu(a) }> }",
      {"x"});
  EXPECT_THAT(names(result.report), ElementsAre("a"));
  EXPECT_THAT(result.report.notes, ElementsAre("1 convolution or matrix product in subgraphs stays in floating point"));
}

// Initialisers need not be inputs from version 4 on.
TEST(QuantizePlacement, OldVersionsOfTheFormatAreRaised) {
  OnnxModel model = parsed(kHead + "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights + "{ y = Conv(x, w) }");
  model.mutable_proto().set_ir_version(3);
  const auto result = quantize(model, calibrated({"x"}));
  ASSERT_TRUE(result);
  EXPECT_GE(result->model.proto().ir_version(), 4);
}

}  // namespace
}  // namespace trtprof
