// What a lower precision costs on data with labels: digits by a MobileNetV2, upright and turned text by PP-OCR's
// direction classifier. Converted by this program, run in the types of the model.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/openvino_models.h"
#include "test_paths.h"
#include "trtprof/optimize/accuracy/accuracy.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/raise_opset.h"

namespace trtprof {
namespace {

struct Set {
  const char* name;
  std::string model;
  std::string data;
  std::vector<std::int64_t> shape;  // of a batch
  std::string input;
  std::uint64_t samples;
  double accuracy;  // in f32, at the least
};

std::ostream& operator<<(std::ostream& out, const Set& set) {
  return out << set.name;
}

const std::string kModels = std::string(test::kSourceDir) + "/models/";

std::unique_ptr<CompiledModel> compiled(const OnnxModel& model, const TemporaryFolder& folder, const Set& set,
                                        const std::string& name, const std::string& precision) {
  const ModelSource source{folder.path() / name, model.graph()};
  EXPECT_TRUE(model.save_with_data(source.path).has_value());
  CompileOptions options;
  options.shapes[set.input] = set.shape;
  options.precision = precision;
  return test::compiled(source, options);
}

class PrecisionAccuracy : public testing::TestWithParam<Set> {
 protected:
  [[nodiscard]] AccuracyResult measured(HalfType type) const {
    const Set& set = GetParam();
    const auto model = OnnxModel::load(set.model);
    EXPECT_TRUE(model.has_value()) << model.error().message;
    PrecisionOptions options;
    options.type = type;
    options.raise_opset = opset_with(*model, type);
    const auto converted = convert_precision(*model, options);
    EXPECT_TRUE(converted.has_value()) << converted.error().message;
    EXPECT_TRUE(converted->report.blocked.empty());
    const auto data = DataSet::load(set.data, {set.input});
    EXPECT_TRUE(data.has_value()) << data.error().message;
    const auto folder = TemporaryFolder::create("trtprof-accuracy").value();
    const auto reference = compiled(*model, folder, set, "reference.onnx", "f32");
    const auto other = compiled(converted->model, folder, set, "other.onnx", "model");
    NoProgress progress;
    const StopFlag stop;
    auto result = measure_accuracy(*reference, *other, *data, {}, progress, stop);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    const LabelAccuracy& labels = *result->labels;
    const Interval interval = paired_drop_interval(labels.top1);
    fmt::print(
        "{} in {}: {} of {} right, {} in f32; drop {:.3f} points ({:.3f} to {:.3f}); {} agree; cosine {:.7f}, "
        "SQNR {:.1f} dB\n",
        set.name, to_string(type), labels.other.top1, labels.samples, labels.reference.top1,
        paired_drop(labels.top1) * 100, interval.low * 100, interval.high * 100, result->outputs[0].agreement->top1,
        *result->outputs[0].cosine, *result->outputs[0].sqnr_db);
    return *std::move(result);
  }
};

TEST_P(PrecisionAccuracy, F16IsWithinATenthOfAPoint) {
  const AccuracyResult result = measured(HalfType::f16);
  ASSERT_TRUE(result.labels.has_value());
  EXPECT_EQ(result.samples, GetParam().samples);
  EXPECT_GE(static_cast<double>(result.labels->reference.top1) / static_cast<double>(result.samples),
            GetParam().accuracy);
  EXPECT_LE(std::abs(paired_drop(result.labels->top1)), 0.001);
  const auto verdict = judge(result, {0.999, 0.1});
  ASSERT_TRUE(verdict.has_value()) << verdict.error().message;
  EXPECT_TRUE(verdict->passed) << testing::PrintToString(verdict->failures);
}

TEST_P(PrecisionAccuracy, Bf16IsWithinHalfAPoint) {
  const AccuracyResult result = measured(HalfType::bf16);
  ASSERT_TRUE(result.labels.has_value());
  EXPECT_LE(std::abs(paired_drop(result.labels->top1)), 0.005);
}

INSTANTIATE_TEST_SUITE_P(Sets, PrecisionAccuracy,
                         testing::Values(Set{"digits",
                                             kModels + "digits/mobilenetv2_digits.onnx",
                                             kModels + "digits/heldout.npz",
                                             {8, 1, 32, 32},
                                             "image",
                                             1000,
                                             0.99},
                                         Set{"digits_folded",
                                             kModels + "digits/mobilenetv2_digits_folded.onnx",
                                             kModels + "digits/heldout.npz",
                                             {8, 1, 32, 32},
                                             "image",
                                             1000,
                                             0.99},
                                         Set{"text_direction",
                                             std::string(test::kOcrModelsDir) + "/ch_ppocr_mobile_v2.0_cls_infer.onnx",
                                             kModels + "text_direction/text_lines.npz",
                                             {8, 3, 48, 192},
                                             "x",
                                             1024,
                                             0.99}),
                         [](const auto& set) { return std::string(set.param.name); });

}  // namespace
}  // namespace trtprof
