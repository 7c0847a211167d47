#include "trtprof/optimize/calibrate/calibration.h"

#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"
#include "support/openvino_models.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/optimize/accuracy/data_set.h"

namespace trtprof {
namespace {

using test::parsed;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSmall = R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 4] x) => (float[1, 4] y) <float two = {2}, float zero = {0}> {
      a = Mul(x, two)  b = Relu(a)  z = Mul(b, zero)  n = Log(x)  y = Add(b, z) })";

Result<Calibration> calibrated(const OnnxModel& model, const std::vector<std::vector<float>>& inputs,
                               const std::vector<std::string>& values, const CalibrationOptions& options = {},
                               const StopFlag& stop = {}) {
  NoProgress progress;
  return calibrate(
      test::openvino(), model, {{"x", {1, 4}}}, inputs.size(),
      [&](std::size_t i) -> Result<NamedTensors> {
        return NamedTensors{{"x", test::f32_tensor({1, 4}, [&](std::size_t at) { return inputs[i][at]; })}};
      },
      values, options, progress, stop);
}

TEST(Calibration, MethodsHaveNames) {
  for (const CalibrationMethod method : {CalibrationMethod::min_max, CalibrationMethod::percentile,
                                         CalibrationMethod::entropy, CalibrationMethod::mse}) {
    EXPECT_EQ(calibration_method_from_string(to_string(method)), method);
  }
  EXPECT_EQ(calibration_method_from_string("kl"), std::nullopt);
}

TEST(Calibration, InputsAndComputedValuesOverAllInferences) {
  const OnnxModel model = parsed(kSmall);
  CalibrationOptions options;
  options.method = CalibrationMethod::min_max;
  options.data = "four numbers";
  options.samples = 2;
  const auto result = calibrated(model, {{1, -2, 0.5F, 0}, {3, 0, -7, 1}}, {"b", "x"}, options);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->method, CalibrationMethod::min_max);
  EXPECT_EQ(result->percentile, std::nullopt);
  EXPECT_EQ(result->data, "four numbers");
  EXPECT_EQ(result->inferences, 2U);
  EXPECT_EQ(result->samples, 2U);
  EXPECT_EQ(result->model_sha256, *sha256_of_model(model));
  EXPECT_EQ(result->model_sha256.size(), 64U);
  ASSERT_EQ(result->values.size(), 2U);
  EXPECT_EQ(result->values.at("x"), (CalibratedValue{7, -7, 3, 8, 0, 0}));
  EXPECT_EQ(result->values.at("b"), (CalibratedValue{6, 0, 6, 8, 0, 0}));
}

TEST(Calibration, SaysWhatIsDoubtful) {
  CalibrationOptions options;
  options.method = CalibrationMethod::percentile;
  options.percentile = 50;
  options.samples = 2;
  const auto result = calibrated(parsed(kSmall), {{1, 2, 0.5F, 0}, {3, 0, -7, 1}}, {"x", "z", "n"}, options);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->percentile, 50.0);
  EXPECT_EQ(result->values.at("z").threshold, 0.0);
  EXPECT_EQ(result->values.at("n").not_finite, 3U);
  EXPECT_EQ(result->values.at("n").seen, 5U);
  EXPECT_THAT(result->warnings, Contains(HasSubstr("only 2 samples")));
  EXPECT_THAT(result->warnings, Contains(HasSubstr("'n' has 3 values that are no finite numbers")));
  EXPECT_THAT(result->warnings, Contains("1 value is zero in all samples and cannot be quantised: 'z'"));
  EXPECT_THAT(result->warnings, Contains(HasSubstr("percentile clips over 1 % of 2 values")));
  options.random_data = true;
  const auto random = calibrated(parsed(kSmall), {{1, 2, 0.5F, 0}}, {"x"}, options);
  ASSERT_TRUE(random.has_value()) << random.error().message;
  EXPECT_THAT(random->warnings, Contains(HasSubstr("RANDOM NUMBERS")));
}

TEST(Calibration, ManySamplesAreNothingToWarnOf) {
  CalibrationOptions options;
  options.method = CalibrationMethod::min_max;
  options.samples = 32;
  const auto result = calibrated(parsed(kSmall), {{1, 2, 0.5F, 0}}, {"x"}, options);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_TRUE(result->warnings.empty()) << testing::PrintToString(result->warnings);
}

TEST(Calibration, AnUnknownValueIsAnError) {
  const auto result = calibrated(parsed(kSmall), {{1, 2, 3, 4}}, {"x", "two"});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "the main graph makes no value 'two' in f32 that could be calibrated");
}

TEST(Calibration, TheUserMayStopIt) {
  StopFlag stop;
  stop.request();
  const auto result = calibrated(parsed(kSmall), {{1, 2, 3, 4}}, {"x"}, {}, stop);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::interrupted);
}

TEST(Calibration, AnotherWeightIsAnotherModel) {
  const auto sha256 = *sha256_of_model(parsed(kSmall));
  EXPECT_EQ(sha256, *sha256_of_model(parsed(kSmall)));
  std::string other = kSmall;
  other.replace(other.find("{2}"), 3, "{3}");
  EXPECT_NE(sha256, *sha256_of_model(parsed(other.c_str())));
}

// A model and data that are kept: digits.
class CalibrationOfDigits : public testing::Test {
 protected:
  static constexpr std::int64_t kBatch = 8;

  [[nodiscard]] Result<Calibration> calibrated(const CalibrationOptions& options,
                                               const std::vector<std::size_t>& batches) const {
    const std::string folder = std::string(test::kSourceDir) + "/models/digits/";
    const auto model = OnnxModel::load(folder + "mobilenetv2_digits_folded.onnx");
    EXPECT_TRUE(model.has_value()) << model.error().message;
    const auto data = DataSet::load(folder + "heldout.npz", {"image"});
    EXPECT_TRUE(data.has_value()) << data.error().message;
    TensorDesc image;
    image.name = "image";
    image.element_type = "f32";
    image.shape = {kBatch, 1, 32, 32};
    const BoundShapes shapes{{"image", image.shape}};
    std::vector<std::string> values;
    const auto watchable = watchable_values(*model, shapes);
    for (const WatchedValue& value : watchable->computed) values.push_back(value.name);
    values.emplace_back("image");
    NoProgress progress;
    const StopFlag stop;
    return calibrate(
        test::openvino(), *model, shapes, batches.size(),
        [&](std::size_t i) -> Result<NamedTensors> {
          auto tensor = data->batch(image, batches[i] * kBatch);
          if (!tensor) return forward_error(tensor);
          return NamedTensors{{"image", *std::move(tensor)}};
        },
        values, options, progress, stop);
  }
};

TEST_F(CalibrationOfDigits, EachMethodGivesEachValueAThreshold) {
  const std::vector<std::size_t> batches = {0, 1, 2, 3, 4, 5, 6, 7};
  for (const CalibrationMethod method : {CalibrationMethod::min_max, CalibrationMethod::percentile,
                                         CalibrationMethod::entropy, CalibrationMethod::mse}) {
    CalibrationOptions options;
    options.method = method;
    const auto result = calibrated(options, batches);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_GT(result->values.size(), 60U);
    for (const auto& [name, value] : result->values) {
      const double most = std::max(std::abs(value.min), std::abs(value.max));
      EXPECT_GT(value.threshold, 0.2 * most) << name << " by " << to_string(method);
      EXPECT_LE(value.threshold, most) << name;
      EXPECT_LE(value.clipped, 0.05) << name << " by " << to_string(method);
      if (method == CalibrationMethod::min_max) {
        EXPECT_EQ(value.threshold, most) << name;
        EXPECT_EQ(value.clipped, 0.0) << name;
      }
    }
  }
}

// The engine itself may compute a batch a little differently; the histogram does not care for the order.
TEST_F(CalibrationOfDigits, TheOrderOfBatchesAndTheNumberOfRunsMakeNoDifference) {
  CalibrationOptions options;
  const auto forward = calibrated(options, {0, 1, 2, 3, 4, 5});
  options.watched_bytes = 1 << 20;
  const auto backward = calibrated(options, {5, 3, 4, 0, 1, 2});
  ASSERT_TRUE(forward.has_value()) << forward.error().message;
  ASSERT_TRUE(backward.has_value()) << backward.error().message;
  ASSERT_EQ(forward->values.size(), backward->values.size());
  for (const auto& [name, value] : forward->values) {
    const CalibratedValue& other = backward->values.at(name);
    EXPECT_EQ(value.seen, other.seen) << name;
    EXPECT_NEAR(value.max, other.max, 1e-4 * (1 + std::abs(value.max))) << name;
    EXPECT_NEAR(value.threshold, other.threshold, 0.02 * value.threshold) << name;
  }
}

}  // namespace
}  // namespace trtprof
