// Calibration as the options ask for it, on digits: where the samples come from, and what is kept of them.
#include "calibration_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line.h"
#include "data_feed.h"
#include "support/openvino_models.h"
#include "trtprof/optimize/watch_values.h"

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

  [[nodiscard]] Result<Calibration> calibrated(const std::vector<std::string>& options,
                                               std::vector<std::string> values = {}, std::int64_t batch = 16) const {
    const BoundShapes shapes{{"image", {batch, 1, 32, 32}}};
    if (values.empty()) {
      const auto watchable = watchable_values(model_, shapes);
      for (const WatchedValue& value : watchable->computed) values.push_back(value.name);
      values.emplace_back("image");
    }
    const Settings settings = settings_of(options);
    auto data = calibration_data(settings, model_.graph().inputs);
    if (!data) return forward_error(data);
    if (!*data) *data = random_calibration_data(settings, model_, shapes).value();
    const DataFeed feed = DataFeed::create(**data, model_, shapes).value();
    return calibration_of({settings, test::openvino(), model_, shapes, feed}, values);
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
  EXPECT_GT(result->values.size(), 60U);
}

TEST_F(CalibrationRun, OptionsReachTheMethod) {
  const auto result = calibrated({"--calibration-data", kDigits + "heldout.npz", "--data", "/nowhere.npz",
                                  "--calibration", "percentile", "--percentile", "99.9%"},
                                 {"image"}, 250);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->method, CalibrationMethod::percentile);
  EXPECT_EQ(result->percentile, 99.9);
  EXPECT_EQ(result->samples, 512U);
  EXPECT_EQ(result->inferences, 3U);
}

TEST_F(CalibrationRun, WithoutDataItWarnsLoudly) {
  const auto result = calibrated({"--calibration", "min-max"}, {"image"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->data, "random inputs (seed 1)");
  EXPECT_EQ(result->samples, 32U);
  EXPECT_THAT(result->warnings, Contains(HasSubstr("RANDOM NUMBERS")));
}

TEST_F(CalibrationRun, TheCacheIsWrittenOnceAndReadThen) {
  const std::vector<std::string> options = {
      "--data", kDigits + "heldout.npz", "--calibration", "mse", "--calibration-samples",
      "32",     "--calibration-cache",   path("c.json")};
  const auto first = calibrated(options);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  // Without data: nothing is run.
  const auto second = calibrated({"--calibration-cache", path("c.json")});
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_EQ(second->method, CalibrationMethod::mse);
  EXPECT_EQ(*second, *first);
  const auto other = calibrated({"--calibration-cache", path("c.json"), "--calibration", "entropy"});
  ASSERT_FALSE(other.has_value());
  EXPECT_THAT(other.error().message, HasSubstr("c.json is calibrated by mse, and entropy is wanted"));
  const auto forced =
      calibrated({"--calibration-cache", path("c.json"), "--calibration", "entropy", "--force-calibration-cache"});
  ASSERT_TRUE(forced.has_value()) << forced.error().message;
  EXPECT_EQ(*forced, *first);
}

TEST_F(CalibrationRun, ACacheThatLacksValuesIsMadeAnew) {
  const std::vector<std::string> options = {"--data", kDigits + "heldout.npz", "--calibration-samples",
                                            "32",     "--calibration-cache",   path("c.json")};
  ASSERT_TRUE(calibrated(options, {"image"}).has_value());
  const auto more = calibrated(options);
  ASSERT_TRUE(more.has_value()) << more.error().message;
  EXPECT_GT(more->values.size(), 60U);
  const auto kept = calibrated({"--calibration-cache", path("c.json")});
  ASSERT_TRUE(kept.has_value()) << kept.error().message;
  EXPECT_EQ(*kept, *more);
}

TEST_F(CalibrationRun, ACacheOfTensorrtIsReadAndNeverWritten) {
  const std::string text = "TRT-100600-EntropyCalibration2\nimage: 3c010204\n";
  ASSERT_TRUE(write_file(path("int8.cache"), text).has_value());
  const auto result = calibrated({"--calibration-cache", path("int8.cache")}, {"image", "logits"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_NEAR(result->values.at("image").threshold, 1.0, 1e-6);
  EXPECT_THAT(result->warnings, Contains(HasSubstr("has no threshold for 1 of 2 values, as 'logits'")));
  EXPECT_EQ(read_file(path("int8.cache")).value(), text);
}

TEST_F(CalibrationRun, RandomNumbersAreNotKept) {
  ASSERT_TRUE(calibrated({"--calibration-cache", path("c.json")}, {"image"}).has_value());
  EXPECT_FALSE(std::filesystem::exists(path("c.json")));
}

TEST_F(CalibrationRun, ACacheThatCannotBeWrittenIsSaid) {
  const auto result = calibrated({"--calibration-cache", path("none/c.json")}, {"image"});
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("none/c.json"));
}

TEST_F(CalibrationRun, DataThatIsNotThereIsAnError) {
  const auto result = calibrated({"--calibration-data", path("none.npz")}, {"image"});
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("none.npz"));
}

}  // namespace
}  // namespace trtprof::cli
