// Calibration as the options ask for it, on digits: where the samples come from, and what is kept of them.
#include "calibration_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line.h"
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
    std::vector<std::string> arguments = {"optimize", kDigits + "mobilenetv2_digits_folded.onnx", "--quiet"};
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
    return calibration_of(settings_of(options), test::openvino(), model_, shapes, values);
  }

  OnnxModel model_ = OnnxModel::load(kDigits + "mobilenetv2_digits_folded.onnx").value();
  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-calibration-run").value();
};

TEST_F(CalibrationRun, TheDataOfAccuracyIsThatOfCalibration) {
  const auto result = calibrated({"--data", kDigits + "heldout.npz", "--calibration-samples", "100"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->method, CalibrationMethod::entropy);
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

TEST_F(CalibrationRun, DataThatIsNotThereIsAnError) {
  const auto result = calibrated({"--calibration-data", path("none.npz")}, {"image"});
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("none.npz"));
}

}  // namespace
}  // namespace trtprof::cli
