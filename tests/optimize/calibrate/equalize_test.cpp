#include "trtprof/optimize/calibrate/equalize.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"
#include "support/openvino_models.h"
#include "trtprof/model/tensor_values.h"
#include "trtprof/optimize/calibrate/bias_correction.h"
#include "trtprof/optimize/output_difference.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kHead =
    R"(<ir_version: 8, opset_import: ["" : 17]> g (float[1, 1, 4, 4] x) => (float[1, 2, 4, 4] y) )";
// The first convolution makes channels of which one reaches 64 times as far.
const std::string kWeights =
    "<float[2, 1, 1, 1] w = {1, 64}, float[2, 1, 1, 1] d = {1, 1}, float[2, 2, 1, 1] u = {1, 1, 1, -1}, "
    "float low = {0}, float high = {6}> ";
const BoundShapes kShapes = {{"x", {1, 1, 4, 4}}};

// From -1 to 1.
Tensor ramp() {
  Tensor tensor{ElementType::f32, {1, 1, 4, 4}, std::vector<std::byte>(16 * sizeof(float))};
  for (std::size_t i = 0; i < 16; ++i) {
    const float value = (static_cast<float>(i) - 7.5F) / 7.5F;
    std::memcpy(tensor.data.data() + i * sizeof value, &value, sizeof value);
  }
  return tensor;
}
const InputSource kRamp = [](std::size_t) -> Result<NamedTensors> { return NamedTensors{{"x", ramp()}}; };

const InputSource kInfinite = [](std::size_t) -> Result<NamedTensors> {
  Tensor tensor = ramp();
  const float value = std::numeric_limits<float>::infinity();
  std::memcpy(tensor.data.data(), &value, sizeof value);
  return NamedTensors{{"x", tensor}};
};

struct Equalized {
  Equalization report;
  double error = 0.0;  // of the outputs
};

Equalized equalized(const std::string& graph) {
  const OnnxModel before = test::parsed(kHead + kWeights + graph);
  OnnxModel after = before.clone();
  const StopFlag stop;
  auto report = equalize(test::openvino(), after, kShapes, 1, kRamp, stop);
  EXPECT_TRUE(report) << report.error().message;
  const auto was = evaluate(test::openvino(), before, {{"x", ramp()}});
  const auto is = evaluate(test::openvino(), after, {{"x", ramp()}});
  EXPECT_TRUE(was && is);
  return {*std::move(report), difference_of(*was, *is).error};
}

TEST(Equalize, DepthwiseChannelsComeToTheSameRange) {
  const auto result = equalized("{ a = Conv(x, w) r = Relu(a) y = Conv<group=2>(r, d) }");
  ASSERT_THAT(result.report.values, SizeIs(1));
  EXPECT_EQ(result.report.values[0].value, "r");
  EXPECT_EQ(result.report.values[0].raised, 1U);
  EXPECT_EQ(result.report.values[0].largest_factor, 64.0);
  EXPECT_EQ(result.error, 0.0) << "factors are powers of two";
}

TEST(Equalize, WhereChannelsAreAddedUpByTheRoot) {
  const auto result = equalized("{ a = Conv(x, w) y = Conv(a, u) }");
  ASSERT_THAT(result.report.values, SizeIs(1));
  EXPECT_EQ(result.report.values[0].largest_factor, 8.0);
  EXPECT_EQ(result.error, 0.0);
}

// The first channel reaches 1, so that 4 times that is still below 6; the second meets the limit and stays.
TEST(Equalize, AClipsLimitIsNotMet) {
  const auto result = equalized("{ a = Conv(x, w) r = Clip(a, low, high) y = Conv<group=2>(r, d) }");
  ASSERT_THAT(result.report.values, SizeIs(1));
  EXPECT_EQ(result.report.values[0].largest_factor, 4.0);
  EXPECT_EQ(result.report.values[0].raised, 1U);
  EXPECT_LT(result.error, 1e-6);
}

TEST(Equalize, WhatOthersReadAndWhatIsNotLinearStays) {
  const auto shared = equalized("{ a = Conv(x, w) b = Conv<group=2>(a, d) y = Add(a, b) }");
  EXPECT_THAT(shared.report.values, IsEmpty());
  EXPECT_EQ(shared.report.left.back().reason, "others read its input, too");
  const auto curved = equalized("{ a = Conv(x, w) r = Sigmoid(a) y = Conv<group=2>(r, d) }");
  EXPECT_THAT(curved.report.values, IsEmpty());
  EXPECT_EQ(curved.report.left.back().reason, "Sigmoid 'r' before it is not linear");
}

// Half of every weight is lost in rounding: the shift is what the means differ by.
TEST(BiasCorrection, TakesOffWhatTheMeansDifferBy) {
  const OnnxModel model = test::parsed(
      R"(<ir_version: 8, opset_import: ["" : 17]> g (float[1, 1, 4, 4] x) => (float[1, 1, 4, 4] y)
         <float[1, 1, 1, 2] w = {1, 0.0039}, float one = {1}>
         { s = Add(x, one) y = Conv<pads=[0,0,0,1]>(s, w) })");
  Calibration calibration;
  calibration.values["s"] = {2.0, 0.0, 2.0, 16};
  const StopFlag stop;
  const auto found = find_bias_shifts(test::openvino(), model, calibration, {}, kShapes, 1, kRamp, stop);
  ASSERT_TRUE(found) << found.error().message;
  // 0.0039 is under half of the step 1/127: the second weight is 0, and the mean of s is 1 where it is not padding.
  ASSERT_EQ(found->shifts.size(), 1U);
  ASSERT_THAT(found->shifts.begin()->second, SizeIs(1));
  EXPECT_NEAR(found->shifts.begin()->second[0], 0.0039 * 0.75, 0.0012);
}

// One sample that is broken costs the correction of what it reaches, and nothing else.
TEST(Equalize, WhatIsNotFiniteStaysWithItsReason) {
  OnnxModel model = test::parsed(kHead + kWeights + "{ a = Conv(x, w) y = Conv<group=2>(a, d) }");
  const StopFlag stop;
  const auto report = equalize(test::openvino(), model, kShapes, 1, kInfinite, stop);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->values, IsEmpty());
  EXPECT_EQ(report->left.back().reason, "its input has values that are no finite numbers on this data");
  Calibration calibration;
  for (const char* value : {"x", "a"}) calibration.values[value] = {2.0, 0.0, 2.0, 16};
  const auto found = find_bias_shifts(test::openvino(), model, calibration, {}, kShapes, 1, kInfinite, stop);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(found->shifts, IsEmpty());
  EXPECT_THAT(found->left, SizeIs(2));
}

// As in every transformer: the bias of a MatMul is an Add behind it.
TEST(BiasCorrection, OfAMatMulIsInTheAddBehindIt) {
  const OnnxModel model = test::parsed(
      R"(<ir_version: 8, opset_import: ["" : 17]> g (float[1, 1, 4, 4] x) => (float[1, 1, 4, 2] y, float[1, 1, 4, 2] z)
         <float[4, 2] w = {1, 0.0039, 0, 0.0039, 0, 0.0039, 0, 1}, float one = {1}, float[1, 1, 2] c = {1, 2}>
         { s = Add(x, one) [both] m = MatMul(s, w) y = Add(c, m) [alone] z = MatMul(s, w) })");
  Calibration calibration;
  calibration.values["s"] = {2.0, 0.0, 2.0, 16};
  const StopFlag stop;
  const auto found = find_bias_shifts(test::openvino(), model, calibration, {}, kShapes, 1, kRamp, stop);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->shifts.size(), 1U);
  ASSERT_THAT(found->shifts.at("m"), SizeIs(2));
  // Three weights of the second column are half a step: they are lost, or come to a whole one.
  EXPECT_NEAR(std::abs(found->shifts.at("m")[1]), 3 * 0.0039, 0.003);
  ASSERT_THAT(found->left, SizeIs(1));
  EXPECT_EQ(found->left[0].reason, "nothing behind it adds a constant");
  const auto made = quantize_with_shifts(model, calibration, found->shifts, {});
  ASSERT_TRUE(made);
  for (const auto& tensor : made->model.proto().graph().initializer()) {
    if (!tensor.name().starts_with("c")) continue;
    const auto values = read_tensor(tensor, {});
    EXPECT_EQ(values->shape, (std::vector<std::int64_t>{1, 1, 2}));
    float second = 0.0F;
    std::memcpy(&second, values->data.data() + sizeof second, sizeof second);
    EXPECT_NEAR(second, 2.0 + found->shifts.at("m")[1], 1e-6);
  }
}

}  // namespace
}  // namespace trtprof
