// Which biases get the shifts that quantisation needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"
#include "trtprof/model/tensor_values.h"
#include "trtprof/optimize/calibrate/bias_correction.h"

namespace trtprof {
namespace {

using testing::ElementsAre;

const std::string kModel = R"(<ir_version: 8, opset_import: ["" : 17]> g
  (float[n, 2, 5, 5] x) => (float[n, 2, 5, 5] y)
  <float[2, 2, 1, 1] w = {1, -2, 0.5, 0.25}, float[2] b = {1, 2}>
  { a = Conv(x, w, b) c = Conv(a, w, b) y = Conv(c, w) })";

Calibration calibrated() {
  Calibration calibration;
  for (const char* value : {"x", "a", "c"}) calibration.values[value] = {127.0, -1.0, 127.0, 100};
  return calibration;
}

// Of the node that makes `output`; empty: it has none.
std::vector<float> bias_of(const OnnxModel& model, const std::string& output) {
  for (const auto& node : model.proto().graph().node()) {
    if (node.output(0) != output || node.input_size() < 3) continue;
    for (const auto& tensor : model.proto().graph().initializer()) {
      if (tensor.name() != node.input(2)) continue;
      const Tensor values = *read_tensor(tensor, {});
      std::vector<float> bias(values.data.size() / sizeof(float));
      std::memcpy(bias.data(), values.data.data(), values.data.size());
      return bias;
    }
  }
  return {};
}

OnnxModel quantized(const QuantizeOptions& options) {
  const BiasShifts shifts = {{"a", {0.5, -0.5}}, {"c", {0.25, 0.25}}, {"y", {2.0, 3.0}}};
  auto made = quantize_with_shifts(test::parsed(kModel), calibrated(), shifts, options);
  EXPECT_TRUE(made.has_value()) << made.error().message;
  return std::move(made->model);
}

TEST(BiasShifts, GoIntoTheBiasesOfWhatIsQuantised) {
  const OnnxModel model = quantized({});
  EXPECT_THAT(bias_of(model, "a"), ElementsAre(1.5F, 1.5F));
  EXPECT_THAT(bias_of(model, "c"), ElementsAre(1.25F, 2.25F));
  EXPECT_THAT(bias_of(model, "y"), ElementsAre(2.0F, 3.0F));
}

// A node in floating point has no error that would have to be taken off.
TEST(BiasShifts, LeaveOutWhatIsKept) {
  QuantizeOptions options;
  options.keep_nodes = {"a", "y"};
  const OnnxModel model = quantized(options);
  EXPECT_THAT(bias_of(model, "a"), ElementsAre(1.0F, 2.0F));
  EXPECT_THAT(bias_of(model, "c"), ElementsAre(1.25F, 2.25F));
  EXPECT_TRUE(bias_of(model, "y").empty());
}

// All three convolutions read `w`: it is stored once.
TEST(BiasShifts, LeaveWeightsThatAreSharedShared) {
  const OnnxModel model = quantized({});
  int integers = 0;
  for (const auto& tensor : model.proto().graph().initializer()) {
    if (tensor.data_type() == onnx::TensorProto::INT8 && tensor.dims_size() == 4) ++integers;
  }
  EXPECT_EQ(integers, 1);
}

}  // namespace
}  // namespace trtprof
