// Calibration as the options ask for it, on digits: where the samples come from, and what is kept of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line.h"
#include "data_feed.h"
#include "optimize/precision/parsed_model.h"
#include "quantize_run.h"
#include "support/openvino_models.h"
#include "trtprof/optimize/calibrate/calibration_json.h"

namespace trtprof::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kDigits = std::string(test::kSourceDir) + "/models/digits/";

class CalibrationRun : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  static Settings settings_of(const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"optimize", kDigits + "mobilenetv2_digits_folded.onnx", "--precision", "int8",
                                          "--quiet"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    auto parsed = parse_command_line(arguments);
    if (!parsed) {
      ADD_FAILURE() << parsed.error().message;
      return {};
    }
    return std::get<Settings>(*parsed);
  }

  [[nodiscard]] Result<PreparedQuantization> prepared(const std::vector<std::string>& options,
                                                      std::int64_t batch = 16) const {
    const BoundShapes shapes{{"image", {batch, 1, 32, 32}}};
    const Settings settings = settings_of(options);
    auto data = calibration_data(settings, model_.graph().inputs);
    if (!data) return forward_error(data);
    if (!*data) *data = random_calibration_data(settings, model_, shapes).value();
    const DataFeed feed = DataFeed::create(**data, model_, shapes).value();
    return prepare_quantization({settings, test::openvino(), model_, shapes, feed});
  }
  [[nodiscard]] Result<Calibration> calibrated(std::vector<std::string> options, std::int64_t batch = 16) const {
    options.insert(options.end(), {"--no-equalization", "--no-bias-correction"});
    auto result = prepared(options, batch);
    if (!result) return forward_error(result);
    return std::move(result->calibration);
  }

  OnnxModel model_ = OnnxModel::load(kDigits + "mobilenetv2_digits_folded.onnx").value();
  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-calibration-run").value();
};

TEST_F(CalibrationRun, TheDataOfAccuracyIsThatOfCalibration) {
  const auto result = calibrated({"--data", kDigits + "heldout.npz", "--calibration-samples", "100"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->method, CalibrationMethod::mse);
  EXPECT_EQ(result->data, "heldout.npz");
  EXPECT_EQ(result->samples, 100U);
  EXPECT_EQ(result->inferences, 7U);
  EXPECT_EQ(result->values.at("image").seen, 7U * 16 * 32 * 32);
  EXPECT_GT(result->values.size(), 30U);
}

TEST_F(CalibrationRun, OptionsReachTheMethod) {
  const auto result = calibrated({"--calibration-data", kDigits + "heldout.npz", "--data", "/nowhere.npz",
                                  "--calibration", "percentile", "--percentile", "99.9%"},
                                 250);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->method, CalibrationMethod::percentile);
  EXPECT_EQ(result->percentile, 99.9);
  EXPECT_EQ(result->samples, 512U);
  EXPECT_EQ(result->inferences, 3U);
}

TEST_F(CalibrationRun, WithoutDataItWarnsLoudly) {
  const auto result = calibrated({"--calibration", "min-max"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->data, "random inputs (seed 1)");
  EXPECT_EQ(result->samples, 32U);
  EXPECT_THAT(result->warnings, Contains(HasSubstr("RANDOM NUMBERS")));
}

// Without data: thresholds, factors and shifts are all in the cache.
TEST_F(CalibrationRun, TheCacheTellsAllThatWasFound) {
  const auto first = prepared(
      {"--data", kDigits + "heldout.npz", "--calibration-samples", "32", "--calibration-cache", path("c.json")});
  ASSERT_TRUE(first.has_value()) << first.error().message;
  const auto second = prepared({"--calibration-cache", path("c.json")});
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_FALSE(first->calibration.channel_factors.empty());
  EXPECT_FALSE(first->calibration.bias_shifts.empty());
  EXPECT_EQ(second->calibration, first->calibration);
  EXPECT_EQ(second->model.proto().SerializeAsString(), first->model.proto().SerializeAsString());
  EXPECT_EQ(second->done.equalization->values.size(), first->done.equalization->values.size());
  EXPECT_EQ(second->done.biases->shifts, first->done.biases->shifts);
  EXPECT_EQ(second->done.biases->largest_shift, first->done.biases->largest_shift);
  // On other data, too: the cache decides.
  const auto third = prepared({"--calibration-cache", path("c.json"), "--data", kDigits + "calibration.npz"});
  ASSERT_TRUE(third.has_value()) << third.error().message;
  EXPECT_EQ(third->model.proto().SerializeAsString(), first->model.proto().SerializeAsString());
  const auto refused = prepared({"--calibration-cache", path("c.json"), "--no-equalization"});
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("c.json is a calibration of the model with its channels equalised"));
}

TEST_F(CalibrationRun, ACacheMadeWithoutEqualisationEqualisesNothing) {
  const auto first = calibrated(
      {"--data", kDigits + "heldout.npz", "--calibration-samples", "32", "--calibration-cache", path("c.json")});
  ASSERT_TRUE(first.has_value()) << first.error().message;
  const auto second = prepared({"--calibration-cache", path("c.json")});
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_EQ(second->calibration, *first);
  EXPECT_FALSE(second->done.equalization.has_value());
  EXPECT_FALSE(second->done.biases.has_value());
  EXPECT_THAT(second->done.notes,
              testing::ElementsAre(HasSubstr("no factors of channels: nothing was equalised"),
                                   HasSubstr("no shifts of biases, and there is no data: no bias was corrected")));
}

TEST_F(CalibrationRun, ACacheOfAnotherMethodIsRefusedUnlessForced) {
  const std::vector<std::string> options = {
      "--data", kDigits + "heldout.npz", "--calibration", "mse", "--calibration-samples",
      "32",     "--calibration-cache",   path("c.json")};
  const auto first = calibrated(options);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  const auto other = calibrated({"--calibration-cache", path("c.json"), "--calibration", "entropy"});
  ASSERT_FALSE(other.has_value());
  EXPECT_THAT(other.error().message, HasSubstr("c.json is calibrated by mse, and entropy is wanted"));
  const auto forced =
      calibrated({"--calibration-cache", path("c.json"), "--calibration", "entropy", "--force-calibration-cache"});
  ASSERT_TRUE(forced.has_value()) << forced.error().message;
  EXPECT_EQ(*forced, *first);
}

TEST_F(CalibrationRun, ACacheThatLacksValuesIsMadeAnew) {
  std::vector<std::string> options = {
      "--data",       kDigits + "heldout.npz",  "--calibration-samples", "32", "--calibration-cache",
      path("c.json"), "--no-quantize-depthwise"};
  const auto few = calibrated(options);
  ASSERT_TRUE(few.has_value()) << few.error().message;
  options.pop_back();
  const auto more = calibrated(options);
  ASSERT_TRUE(more.has_value()) << more.error().message;
  EXPECT_GT(more->values.size(), few->values.size());
  const auto kept = calibrated({"--calibration-cache", path("c.json")});
  ASSERT_TRUE(kept.has_value()) << kept.error().message;
  EXPECT_EQ(*kept, *more);
}

TEST_F(CalibrationRun, ACacheOfTensorrtIsReadAndNeverWritten) {
  const std::string text = "TRT-100600-EntropyCalibration2\nimage: 3c010204\n";
  ASSERT_TRUE(write_file(path("int8.cache"), text).has_value());
  const auto result = calibrated({"--calibration-cache", path("int8.cache")});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_NEAR(result->values.at("image").threshold, 1.0, 1e-6);
  EXPECT_THAT(result->warnings, Contains(HasSubstr("int8.cache has no threshold for ")));
  EXPECT_EQ(read_file(path("int8.cache")).value(), text);
}

TEST_F(CalibrationRun, RandomNumbersAreNotKept) {
  ASSERT_TRUE(calibrated({"--calibration-cache", path("c.json")}).has_value());
  EXPECT_FALSE(std::filesystem::exists(path("c.json")));
}

TEST_F(CalibrationRun, ACacheThatCannotBeWrittenIsSaid) {
  const auto result = calibrated({"--calibration-cache", path("none/c.json")});
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("none/c.json"));
}

TEST_F(CalibrationRun, DataThatIsNotThereIsAnError) {
  const auto result = calibrated({"--calibration-data", path("none.npz")});
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("none.npz"));
}

// The version converter replaces Upsample, and gives what it makes another name: values are calibrated by the new one.
TEST_F(CalibrationRun, OldOperatorSetsAreRaisedBeforeAnythingIsCalibrated) {
  const OnnxModel model = test::parsed(R"(<ir_version: 4, opset_import: ["" : 9]>
      g (float[1, 2, 4, 4] x) => (float[1, 2, 8, 8] y)
      <float[2, 2, 1, 1] w = {1, -2, 0.5, 0.25}, float[4] s = {1, 1, 2, 2}>
      { a = Conv(x, w) u = Upsample<mode="nearest">(a, s) y = Conv(u, w) })");
  const BoundShapes shapes{{"x", {1, 2, 4, 4}}};
  const Settings settings = settings_of({});
  const DataSet data = random_calibration_data(settings, model, shapes).value();
  const DataFeed feed = DataFeed::create(data, model, shapes).value();
  const auto result = prepare_quantization({settings, test::openvino(), model, shapes, feed});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_THAT(result->done.notes, testing::ElementsAre("operator set 9 became 13, the first with scales by channel"));
  const auto made = quantized(*result, {});
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->report.quantized.size(), 2U);
}

// A second input that is no batch: noise needs none.
TEST_F(CalibrationRun, RandomNumbersForInputsOfDifferentLeadingDimensions) {
  const OnnxModel model = test::parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[4, 2] x, float[1, 2] h) => (float[4, 2] y) <float[2, 2] w = {1, -2, 0.5, 0.25}>
      { a = Add(x, h) y = MatMul(a, w) })");
  const BoundShapes shapes{{"x", {4, 2}}, {"h", {1, 2}}};
  const Settings settings = settings_of({});
  const DataSet data = random_calibration_data(settings, model, shapes).value();
  const auto feed = DataFeed::create(data, model, shapes);
  ASSERT_TRUE(feed.has_value()) << feed.error().message;
  EXPECT_EQ(feed->count(), 8U);
  const auto result = prepare_quantization({settings, test::openvino(), model, shapes, *feed});
  EXPECT_TRUE(result.has_value()) << result.error().message;
}

// A damaged cache, or one of a model that is alike: the numbers do not fit, and nothing is read beyond them.
TEST_F(CalibrationRun, FactorsAndShiftsOfOtherShapesAreRefused) {
  ASSERT_TRUE(prepared(
      {"--data", kDigits + "heldout.npz", "--calibration-samples", "32", "--calibration-cache", path("c.json")}));
  auto calibration = calibration_from_json(read_file(path("c.json")).value(), "c.json").value();
  Calibration longer = calibration;
  longer.channel_factors.begin()->second.push_back(2.0);
  ASSERT_TRUE(write_file(path("longer.json"), calibration_to_json(longer)));
  const auto factors = prepared({"--calibration-cache", path("longer.json")});
  ASSERT_FALSE(factors.has_value());
  EXPECT_THAT(factors.error().message, HasSubstr("factors are given"));
  calibration.bias_shifts.begin()->second.push_back(2.0);
  ASSERT_TRUE(write_file(path("shifts.json"), calibration_to_json(calibration)));
  const auto shifts = prepared({"--calibration-cache", path("shifts.json")});
  ASSERT_TRUE(shifts.has_value());
  const auto made = quantized(*shifts, {});
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().message, HasSubstr("shifts are given"));
}

}  // namespace
}  // namespace trtprof::cli
