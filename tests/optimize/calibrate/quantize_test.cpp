#include "trtprof/optimize/calibrate/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/calibrate/quantized_model.h"
#include "trtprof/model/shape_inference.h"

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
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

std::int64_t axis_of(const OnnxModel& model, const std::string& output) {
  for (const auto& node : model.proto().graph().node()) {
    if (node.output(0) == output && node.attribute_size() == 1) return node.attribute(0).i();
  }
  ADD_FAILURE() << "no node with an axis makes " << output;
  return -1;
}

TEST(Quantize, InputsOfConvolutionsGetPairsAndWeightsAreStored) {
  const auto result = quantized(
      "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights + "{ a = Conv(x, w) r = Relu(a) y = Conv(r, u) }",
      {"x", "r"});
  EXPECT_THAT(lines(result.model),
              UnorderedElementsAre("DequantizeLinear(w_quantized, w_scale) -> w_dequantized",
                                   "DequantizeLinear(u_quantized, u_scale) -> u_dequantized",
                                   "QuantizeLinear(x, x_scale, zero_point_i8) -> x_quantized",
                                   "DequantizeLinear(x_quantized, x_scale, zero_point_i8) -> x_dequantized",
                                   "Conv(x_dequantized, w_dequantized) -> a", "Relu(a) -> r",
                                   "QuantizeLinear(r, r_scale, zero_point_i8) -> r_quantized",
                                   "DequantizeLinear(r_quantized, r_scale, zero_point_i8) -> r_dequantized",
                                   "Conv(r_dequantized, u_dequantized) -> y"));
  EXPECT_THAT(values_of<std::int8_t>(initializer(result.model, "w_quantized")), ElementsAre(64, -127, 127, 64));
  EXPECT_THAT(values_of<float>(initializer(result.model, "w_scale")), ElementsAre(2.0F / 127.0F, 0.5F / 127.0F));
  EXPECT_THAT(values_of<float>(initializer(result.model, "x_scale")), ElementsAre(1.0F));
  EXPECT_THAT(values_of<float>(initializer(result.model, "r_scale")), ElementsAre(2.0F));
  EXPECT_THAT(names(result.report), ElementsAre("a", "y"));
  EXPECT_EQ(result.report.activations, 2);
  EXPECT_EQ(result.report.weight_bytes_before, 32U);
  EXPECT_EQ(result.report.weight_bytes_after, 8U + 16U);
  for (const auto& tensor : result.model.proto().graph().initializer()) {
    EXPECT_THAT(tensor.name(), Not(testing::AnyOf("w", "u"))) << "weights in f32 that nothing reads";
  }
  EXPECT_TRUE(infer_shapes(result.model)) << "ONNX's inference accepts the types";
}

TEST(Quantize, ResidualAddReadsTheSkippedInputQuantized) {
  const auto result = quantized("(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights +
                                    "{ a = Conv(x, w) s = Add(a, x) r = Relu(s) y = Conv(r, u) }",
                                {"x", "r"});
  EXPECT_THAT(lines(result.model), Contains("Add(a, x_dequantized) -> s"));
  EXPECT_THAT(names(result.report), ElementsAre("a", "s", "y"));
  EXPECT_EQ(result.report.activations, 2) << "one pair for both readers of x";
}

TEST(Quantize, OfTwoConvolutionsTheEarlierOneIsAddedTo) {
  const auto result = quantized("(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights +
                                    "{ a = Conv(x, w) b = Conv(x, u) s = Add(b, a) y = Conv(s, u) }",
                                {"x", "a", "b", "s"});
  EXPECT_THAT(lines(result.model), Contains("Add(b, a_dequantized) -> s"));
}

TEST(Quantize, AnAddThatNoConvolutionTakesStaysAsItIs) {
  const auto result = quantized("(float[n, 2, 5, 5] x, float[n, 2, 5, 5] z) => (float[n, 2, 5, 5] y) " + kWeights +
                                    "{ s = Add(x, z) a = Conv(s, w) t = Add(a, a) u2 = Add(a, t) y = Relu(u2) }",
                                {"x", "z", "s", "a", "t"});
  EXPECT_THAT(reasons(result.report), Contains("s: neither of its inputs comes from a quantised convolution alone"));
  EXPECT_THAT(reasons(result.report), Contains("u2: neither of its inputs comes from a quantised convolution alone"))
      << "the convolution's result is read by others, too";
}

TEST(Quantize, PairsGoBeforeWhatOnlyMovesValues) {
  const auto result =
      quantized("(float[n, 2, 6, 6] x) => (float[n, 2, 3, 3] y) " + kWeights +
                    "{ p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(x) t = Identity(p) y = Conv(t, w) }",
                {"x", "p", "t"});
  EXPECT_THAT(lines(result.model), Contains("MaxPool(x_dequantized) -> p"));
  EXPECT_THAT(lines(result.model), Contains("Conv(t, w_dequantized) -> y"));
  EXPECT_EQ(result.report.activations, 1);
}

TEST(Quantize, WhatOthersReadInFloatIsNotMovedQuantized) {
  const auto result = quantized("(float[n, 2, 6, 6] x) => (float[n, 2, 6, 6] y, float[n, 2, 6, 6] z) " + kWeights +
                                    "{ p = Identity(x) y = Conv(p, w) z = Relu(p) }",
                                {"x", "p"});
  EXPECT_THAT(lines(result.model), Contains("Identity(x) -> p"));
  EXPECT_THAT(lines(result.model), Contains("Conv(p_dequantized, w_dequantized) -> y"));
  EXPECT_THAT(lines(result.model), Contains("Relu(p) -> z"));
}

TEST(Quantize, WhatAConcatJoinsHasOneScale) {
  const auto result = quantized("(float[n, 1, 5, 5] x, float[n, 1, 5, 5] z) => (float[n, 2, 5, 5] y) " + kWeights +
                                    "{ c = Concat<axis=1>(x, z) y = Conv(c, w) }",
                                {"c", "x", "z"});
  EXPECT_THAT(lines(result.model), Contains("Concat(x_dequantized, z_dequantized) -> c"));
  EXPECT_THAT(values_of<float>(initializer(result.model, "x_scale")), ElementsAre(3.0F)) << "the larger of both";
  EXPECT_THAT(values_of<float>(initializer(result.model, "z_scale")), ElementsAre(3.0F));
}

TEST(Quantize, PoolingThatAverages) {
  const std::string model = "(float[n, 2, 5, 5] x) => (float[n, 2, 1, 1] y) " + kWeights;
  const auto alone = quantized(model + "{ a = Conv(x, w) r = Relu(a) y = GlobalAveragePool(r) }", {"x", "r"});
  EXPECT_THAT(lines(alone.model), Contains("GlobalAveragePool(r_dequantized) -> y"));
  const auto shared = quantized("(float[n, 2, 5, 5] x) => (float[n, 2, 1, 1] y, float[n, 2, 5, 5] z) " + kWeights +
                                    "{ a = Conv(x, w) r = Relu(a) y = GlobalAveragePool(r) z = Exp(r) }",
                                {"x", "r"});
  EXPECT_THAT(reasons(shared.report), ElementsAre("y: what it reads is in floating point for others, too"));
}

TEST(Quantize, GemmAndMatMulByTheirOutputs) {
  const auto gemm = quantized(
      "(float[n, 2] x) => (float[n, 3] y) <float[3, 2] w = {1, 2, 3, 4, 5, 6}> "
      "{ y = Gemm<transB=1>(x, w) }",
      {"x"});
  EXPECT_EQ(values_of<float>(initializer(gemm.model, "w_scale")).size(), 3U);
  EXPECT_EQ(axis_of(gemm.model, "w_dequantized"), 0);
  const auto product = quantized(
      "(float[n, 2] x) => (float[n, 3] y) <float[2, 3] w = {1, 2, 3, 4, 5, 6}> "
      "{ y = MatMul(x, w) }",
      {"x"});
  EXPECT_THAT(values_of<float>(initializer(product.model, "w_scale")),
              ElementsAre(4.0F / 127.0F, 5.0F / 127.0F, 6.0F / 127.0F));
  EXPECT_EQ(axis_of(product.model, "w_dequantized"), 1);
}

TEST(Quantize, TransposedConvolutionsOfGroupsHaveOneScale) {
  const std::string weights = "<float[2, 1, 1, 1] w = {1, 2}, float[2, 2, 1, 1] u = {1, 2, 3, 4}> ";
  const auto result = quantized("(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + weights +
                                    "{ a = ConvTranspose<group=2>(x, w) y = ConvTranspose(a, u) }",
                                {"x", "a"});
  EXPECT_EQ(initializer(result.model, "w_scale").shape, std::vector<std::int64_t>{});
  EXPECT_THAT(values_of<float>(initializer(result.model, "u_scale")), ElementsAre(3.0F / 127.0F, 4.0F / 127.0F));
}

TEST(Quantize, WhatIsKeptHasItsReason) {
  const std::string model = "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights +
                            "{ [first] a = Conv<group=2>(x, d) [second] b = Conv(a, w) y = Conv(b, u) }";
  QuantizeOptions depthwise;
  depthwise.depthwise = false;
  EXPECT_THAT(reasons(quantized(model, {"x", "a", "b"}, depthwise).report),
              ElementsAre("first: depthwise convolutions are kept"));
  QuantizeOptions by_name;
  by_name.keep_nodes = {"sec*"};
  EXPECT_THAT(reasons(quantized(model, {"x", "a", "b"}, by_name).report), ElementsAre("second: kept by name ('sec*')"));
  QuantizeOptions by_type;
  by_type.keep_ops = {"Conv"};
  EXPECT_THAT(names(quantized(model, {"x", "a", "b"}, by_type).report), IsEmpty());
  QuantizeOptions unknown;
  unknown.keep_nodes = {"third"};
  EXPECT_EQ(quantize(parsed(kHead + model), calibrated({"x", "a", "b"}), unknown).error().message,
            "no node is named 'third'");
}

TEST(Quantize, WhatTheCalibrationDoesNotTellStaysAsItIs) {
  auto calibration = calibrated({"x"});
  calibration.values["a"] = {0.0, 0.0, 0.0, 100};
  const auto result = quantize(parsed(kHead + "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights +
                                      "{ a = Conv(x, w) b = Conv(a, u) y = Conv(b, w) }"),
                               calibration);
  ASSERT_TRUE(result);
  EXPECT_THAT(reasons(result->report), ElementsAre("b: its input 'a' was zero throughout the calibration data",
                                                   "y: the calibration has nothing of its input 'b'"));
  EXPECT_THAT(lines(result->model), Contains("Conv(b, w) -> y")) << "the weights stay for those that are kept";
  EXPECT_THAT(lines(result->model), Contains("Conv(x_dequantized, w_dequantized) -> a"));
}

TEST(Quantize, ComputedWeightsHalfTypesAndQuantizedModelsAreLeft) {
  const auto computed = quantized("(float[2, 2] x, float[2, 2] z) => (float[2, 2] y) { y = MatMul(x, z) }", {"x", "z"});
  EXPECT_THAT(reasons(computed.report), ElementsAre("y: both of its factors are computed"));
  const auto half = quantized(
      "(float16[2, 2] x) => (float16[2, 2] y) <float16[2, 2] w = {1, 2, 3, 4}> "
      "{ y = MatMul(x, w) }",
      {"x"});
  EXPECT_THAT(reasons(half.report), ElementsAre("y: its weights are f16"));
  const auto once =
      quantized("(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights + "{ y = Conv(x, w) }", {"x"});
  const auto again = quantize(once.model, calibrated({"x"}));
  ASSERT_TRUE(again);
  EXPECT_THAT(reasons(again->report), ElementsAre("y: it is quantised already"));
  EXPECT_EQ(again->model.proto().SerializeAsString(), once.model.proto().SerializeAsString());
}

TEST(Quantize, UnsignedWhereNothingIsNegative) {
  Calibration calibration = calibrated({"x", "r"});
  calibration.values["r"].min = 0.0;
  QuantizeOptions options;
  options.unsigned_activations = true;
  const auto result = quantize(parsed(kHead + "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights +
                                      "{ a = Conv(x, w) r = Relu(a) y = Conv(r, u) }"),
                               calibration, options);
  ASSERT_TRUE(result);
  EXPECT_THAT(lines(result->model), Contains("QuantizeLinear(r, r_scale, zero_point_u8) -> r_quantized"));
  EXPECT_THAT(lines(result->model), Contains("QuantizeLinear(x, x_scale, zero_point_i8) -> x_quantized"));
  EXPECT_THAT(values_of<float>(initializer(result->model, "r_scale")), ElementsAre(254.0F / 255.0F));
}

TEST(Quantize, OldOperatorSetsHaveNoScalesByChannel) {
  const auto result = quantize(parsed(R"(<ir_version: 8, opset_import: ["" : 12]> g )"
                                      "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " +
                                      kWeights + "{ y = Conv(x, w) }"),
                               calibrated({"x"}));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("operator set 12"));
}

TEST(Quantize, OneCalibrationServesEverySearch) {
  const auto model = parsed(kHead + "(float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y) " + kWeights +
                            "{ a = Conv(x, w) b = Conv(x, u) s = Add(a, b) p = Identity(s) y = Conv(p, u) }");
  const auto values = values_to_calibrate(model, {});
  ASSERT_TRUE(values);
  EXPECT_THAT(*values, UnorderedElementsAre("x", "a", "b", "p", "s"));
}

}  // namespace
}  // namespace trtprof
