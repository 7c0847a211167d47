// Real models and samples in f16 and bf16: what converts, and how near their answers stay to f32.
#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/openvino_models.h"
#include "test_paths.h"
#include "trtprof/base/half.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/optimize/evaluate.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/raise_opset.h"
#include "trtprof/optimize/precision/type_check.h"
#include "trtprof/samples/samples.h"

namespace trtprof {
namespace {

struct Case {
  const char* name;
  bool sample;
  std::vector<std::int64_t> ocr_shape = {};
};

std::ostream& operator<<(std::ostream& out, const Case& each) {
  return out << each.name;
}

OnnxModel load(const Case& each) {
  auto model = each.sample ? make_sample(each.name, {.fold_batch_norm = std::getenv("H3_FOLD") != nullptr})
                           : OnnxModel::load(std::string(test::kOcrModelsDir) + "/" + each.name);
  EXPECT_TRUE(model.has_value()) << model.error().message;
  return std::move(*model);
}

BoundShapes shapes_of(const OnnxModel& model, const Case& each) {
  if (!each.sample) return {{"x", each.ocr_shape}};
  auto bound = bind_shapes(model.graph(), {});
  EXPECT_TRUE(bound.has_value());
  return *bound;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

double sqnr(const std::vector<float>& reference, const std::vector<float>& other) {
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    signal += double{reference[i]} * reference[i];
    noise += (double{reference[i]} - other[i]) * (double{reference[i]} - other[i]);
  }
  return 10 * std::log10(signal / noise);
}

class ConvertModels : public testing::TestWithParam<std::tuple<Case, HalfType>> {};

TEST_P(ConvertModels, KeepsTheirAnswers) {
  const auto& [each, type] = GetParam();
  const OnnxModel model = load(each);
  PrecisionOptions options;
  options.type = type;
  options.raise_opset = opset_with(model, type);
  if (const char* b = std::getenv("H3_BLOCK")) options.blocked_ops = {b};
  if (const char* b = std::getenv("H3_BLOCKN")) options.blocked_nodes = {b};
  auto converted = convert_precision(model, options);
  ASSERT_TRUE(converted.has_value()) << converted.error().message;
  if (std::getenv("H3_SAVE") != nullptr) {
    (void)converted->model.save("/tmp/h3x.onnx");
    (void)model.save("/tmp/h3o.onnx");
  }
  const Status types = check_converted_types(converted->model, converted->report);
  EXPECT_TRUE(types.has_value()) << types.error().message;
  const PrecisionReport& report = converted->report;
  const BoundShapes shapes = shapes_of(model, each);
  NamedTensors inputs;
  for (const auto& [name, shape] : shapes)
    inputs[name] = random_tensor({name, name == "x" || name == "input" ? "f32" : "i64", shape, "", {}}, 7);
  const auto before = evaluate(test::openvino(), model, inputs);
  ASSERT_TRUE(before.has_value()) << before.error().message;
  const auto after = evaluate(test::openvino(), converted->model, inputs, {.precision = to_string(type)});
  ASSERT_TRUE(after.has_value()) << after.error().message;
  const auto own = evaluate(test::openvino(), model, inputs, {.precision = to_string(type)});
  const auto wide = evaluate(test::openvino(), converted->model, inputs, {.precision = "f32"});
  for (const auto& [name, tensor] : *before) {
    std::printf("engine's own %s: SQNR %.1f; converted, computed in f32: %.1f\n", to_string(type),
                sqnr(test::floats(tensor), test::floats(own->at(name))),
                sqnr(test::floats(tensor), test::floats(wide->at(name))));
    ASSERT_TRUE(after->contains(name));
    ASSERT_EQ(after->at(name).shape, tensor.shape);
    const auto a = test::floats(tensor);
    const auto b = test::floats(after->at(name));
    std::printf(
        "%s %s: %zu converted, %zu blocked, %d without floats, %d casts, %d removed, %.2f -> %.2f MB; cosine %.7f, "
        "SQNR %.1f dB\n",
        each.name, to_string(type), report.converted.size(), report.blocked.size(), report.nodes_without_floats,
        report.casts_added, report.casts_removed, double(report.weight_bytes_before) / 1e6,
        double(report.weight_bytes_after) / 1e6, cosine(a, b), sqnr(a, b));
    EXPECT_GT(cosine(a, b), 0.99);
  }
  for (const auto& b : report.blocked)
    std::printf("  %s %s: %s\n", b.node.c_str(), b.op_type.c_str(), b.reason.c_str());
  for (const auto& l : report.losses)
    std::printf("  %s: %zu over %zu flushed %zu raised of %zu\n", l.tensor.c_str(), l.overflowed, l.flushed, l.raised,
                l.elements);
}

INSTANTIATE_TEST_SUITE_P(
    All, ConvertModels,
    testing::Combine(testing::Values(Case{"mobilenetv2", true}, Case{"mobilenetv3", true}, Case{"resnet50", true},
                                     Case{"efficientnet-b0", true}, Case{"transformer", true},
                                     Case{"ch_PP-OCRv4_det_infer.onnx", false, {1, 3, 320, 320}},
                                     Case{"ch_PP-OCRv4_rec_infer.onnx", false, {1, 3, 48, 320}},
                                     Case{"ch_ppocr_mobile_v2.0_cls_infer.onnx", false, {1, 3, 48, 192}}),
                     testing::Values(HalfType::f16, HalfType::bf16)));

}  // namespace
}  // namespace trtprof
