#include "trtprof/optimize/calibrate/calibration_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/base/file.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CalibrationCache : public testing::Test {
 protected:
  void SetUp() override {
    calibration_.method = CalibrationMethod::mse;
    calibration_.model_sha256 = std::string(64, '1');
    calibration_.values["a"] = {1, -1, 1, 4};
    calibration_.values["b"] = {2, -1, 2, 4};
    ASSERT_TRUE(write_calibration_cache(path(), calibration_).has_value());
    wanted_.model_sha256 = calibration_.model_sha256;
    wanted_.values = {"a", "b"};
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "int8.cache"; }
  [[nodiscard]] Error refused() const {
    const auto read = read_calibration_cache(path(), wanted_);
    return read ? Error{ErrorCode::failed, "was read", ""} : read.error();
  }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-calibration-cache").value();
  Calibration calibration_;
  WantedCalibration wanted_;
};

TEST_F(CalibrationCache, OfTheSameModelItIsTaken) {
  const auto read = read_calibration_cache(path(), wanted_);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->calibration, calibration_);
  EXPECT_THAT(read->missing, IsEmpty());
  EXPECT_FALSE(read->from_tensorrt);
}

TEST_F(CalibrationCache, OfAnotherModelItIsNotUnlessForced) {
  wanted_.model_sha256 = std::string(64, '2');
  EXPECT_THAT(refused().message, HasSubstr("int8.cache is a calibration of another model"));
  EXPECT_THAT(refused().hint, HasSubstr("--force-calibration-cache"));
  wanted_.force = true;
  EXPECT_TRUE(read_calibration_cache(path(), wanted_).has_value());
  wanted_.values = {"x", "y"};
  EXPECT_THAT(refused().message, HasSubstr("has none of the model's 2 values"));
}

TEST_F(CalibrationCache, OfAnotherMethodItIsNot) {
  wanted_.method = CalibrationMethod::mse;
  EXPECT_TRUE(read_calibration_cache(path(), wanted_).has_value());
  wanted_.method = CalibrationMethod::percentile;
  wanted_.percentile = 99.9;
  EXPECT_THAT(refused().message, HasSubstr("is calibrated by mse, and percentile 99.9 is wanted"));
  calibration_.method = CalibrationMethod::percentile;
  calibration_.percentile = 99.0;
  ASSERT_TRUE(write_calibration_cache(path(), calibration_).has_value());
  EXPECT_THAT(refused().message, HasSubstr("is calibrated by percentile 99, and percentile 99.9 is wanted"));
  wanted_.percentile = 99.0;
  EXPECT_TRUE(read_calibration_cache(path(), wanted_).has_value());
  wanted_.unsigned_activations = true;
  EXPECT_THAT(refused().message, HasSubstr("is calibrated for signed activations"));
}

TEST_F(CalibrationCache, MissingValuesAreNamed) {
  wanted_.values = {"a", "c"};
  const auto read = read_calibration_cache(path(), wanted_);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_THAT(read->missing, ElementsAre("c"));
}

TEST_F(CalibrationCache, TensorrtsTextGoesByNames) {
  ASSERT_TRUE(write_file(path(), "TRT-100600-EntropyCalibration2\na: 3f800000\nelse: 3f800000\n").has_value());
  const auto read = read_calibration_cache(path(), wanted_);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_TRUE(read->from_tensorrt);
  EXPECT_THAT(read->missing, ElementsAre("b"));
  EXPECT_EQ(read->calibration.values.at("a").threshold, 127.0);
  wanted_.values = {"x"};
  EXPECT_THAT(refused().message, HasSubstr("has none of the model's 1 values"));
  wanted_.method = CalibrationMethod::min_max;
  EXPECT_THAT(refused().message, HasSubstr("is calibrated by entropy, and min-max is wanted"));
}

TEST_F(CalibrationCache, WhatIsNoneSaysSo) {
  ASSERT_TRUE(write_file(path(), "scales").has_value());
  EXPECT_THAT(refused().message, HasSubstr("int8.cache is not JSON"));
  std::filesystem::remove(path());
  EXPECT_THAT(refused().message, HasSubstr("int8.cache"));
}

}  // namespace
}  // namespace trtprof
