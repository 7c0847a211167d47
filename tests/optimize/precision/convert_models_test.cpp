// Real models and samples in f16 and bf16: what converts, and how near their answers stay to f32.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/openvino_models.h"
#include "test_paths.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/optimize/evaluate.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/raise_opset.h"
#include "trtprof/optimize/precision/type_check.h"
#include "trtprof/samples/samples.h"

namespace trtprof {
namespace {

struct Case {
  const char* name;
  bool is_sample;
  std::vector<std::int64_t> shape = {};  // of "x", the input of the OCR models
  // Random weights carry every rounding on through all layers, and the engine's own conversion does no better: measured
  // within 1 dB of these in f16.
  double least_f16 = 30.0;   // dB
  double least_bf16 = 20.0;  // dB
};

std::ostream& operator<<(std::ostream& out, const Case& each) {
  return out << each.name;
}

OnnxModel load(const Case& each) {
  // BatchNormalization folded as a pass before would: OpenVINO folds it in bf16 otherwise, and loses the answer.
  const bool folds = std::string(each.name) != "transformer";
  auto model = each.is_sample ? make_sample(each.name, {.fold_batch_norm = folds})
                              : OnnxModel::load(std::string(test::kOcrModelsDir) + "/" + each.name);
  if (!model) {
    ADD_FAILURE() << model.error().message;
    std::abort();
  }
  return std::move(*model);
}

NamedTensors inputs_of(const OnnxModel& model, const Case& each) {
  ShapeRequest request;
  if (!each.is_sample) request.by_input["x"] = each.shape;
  const auto shapes = bind_shapes(model.graph(), request);
  NamedTensors inputs;
  for (const ValueInfo& input : model.graph().inputs) {
    TensorDesc desc;
    desc.name = input.name;
    desc.element_type = std::string(to_string(input.type));
    desc.shape = shapes->at(input.name);
    inputs[input.name] = random_tensor(desc, 7);
  }
  return inputs;
}

double sqnr(const std::vector<float>& reference, const std::vector<float>& other) {
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    signal += double{reference[i]} * double{reference[i]};
    noise += std::pow(double{reference[i]} - double{other[i]}, 2.0);
  }
  return 10 * std::log10(signal / noise);
}

class ConvertModels : public testing::TestWithParam<Case> {
 protected:
  void check(HalfType type, double least) {
    const OnnxModel model = load(GetParam());
    PrecisionOptions options;
    options.type = type;
    options.raise_opset = opset_with(model, type);
    const auto converted = convert_precision(model, options);
    ASSERT_TRUE(converted.has_value()) << converted.error().message;
    const Status types = check_converted_types(converted->model, converted->report);
    EXPECT_TRUE(types.has_value()) << types.error().message;
    EXPECT_TRUE(converted->report.blocked.empty()) << converted->report.blocked.front().reason;
    EXPECT_LE(converted->report.casts_added, 2);
    EXPECT_NEAR(static_cast<double>(converted->report.weight_bytes_after),
                static_cast<double>(converted->report.weight_bytes_before) / 2,
                static_cast<double>(converted->report.weight_bytes_before) * 0.01);
    const NamedTensors inputs = inputs_of(model, GetParam());
    const auto before = evaluate(test::openvino(), model, inputs);
    const auto after = evaluate(test::openvino(), converted->model, inputs, {.precision = "model"});
    ASSERT_TRUE(before.has_value()) << before.error().message;
    ASSERT_TRUE(after.has_value()) << after.error().message;
    ASSERT_EQ(after->size(), before->size());
    for (const auto& [name, tensor] : *before) {
      ASSERT_TRUE(after->contains(name));
      EXPECT_EQ(after->at(name).shape, tensor.shape);
      const double decibels = sqnr(test::floats(tensor), test::floats(after->at(name)));
      EXPECT_GT(decibels, least) << name;
      RecordProperty(std::string(to_string(type)) + "_sqnr", std::to_string(decibels));
    }
  }
};

TEST_P(ConvertModels, InF16) {
  check(HalfType::f16, GetParam().least_f16);
}

TEST_P(ConvertModels, InBf16) {
  check(HalfType::bf16, GetParam().least_bf16);
}

// The types that the engine sees inside, found by running: every f32 value that an operator computes is f16 there.
TEST_P(ConvertModels, ValuesInsideAreF16WhenRun) {
  const OnnxModel model = load(GetParam());
  const auto converted = convert_precision(model);
  ASSERT_TRUE(converted.has_value()) << converted.error().message;
  const auto types_before = node_types(model);
  ASSERT_TRUE(types_before.has_value());
  std::vector<std::string> watched;
  for (const auto& node : converted->model.proto().graph().node()) {
    if (node.op_type() != "Cast" && node.op_type() != "Constant") watched.push_back(node.output(0));
  }
  const auto values = evaluate(test::openvino(), converted->model, inputs_of(model, GetParam()),
                               {.precision = "model", .watched = watched});
  ASSERT_TRUE(values.has_value()) << values.error().message;
  std::size_t halves = 0;
  for (const std::string& name : watched) {
    EXPECT_NE(values->at(name).type, ElementType::f32) << name;
    if (values->at(name).type == ElementType::f16) ++halves;
  }
  EXPECT_GT(halves, watched.size() / 2);
}

INSTANTIATE_TEST_SUITE_P(All, ConvertModels,
                         testing::Values(Case{"mobilenetv2", true, {}, 24, 10}, Case{"mobilenetv3", true},
                                         Case{"resnet50", true, {}, 19, 6}, Case{"efficientnet-b0", true},
                                         Case{"transformer", true},
                                         Case{"ch_PP-OCRv4_det_infer.onnx", false, {1, 3, 320, 320}, 22, 0},
                                         Case{"ch_PP-OCRv4_rec_infer.onnx", false, {1, 3, 48, 320}, 30, 10},
                                         Case{"ch_ppocr_mobile_v2.0_cls_infer.onnx", false, {1, 3, 48, 192}, 40, 30}),
                         [](const auto& each) {
                           std::string name = each.param.name;
                           std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
                           return name;
                         });

}  // namespace
}  // namespace trtprof
