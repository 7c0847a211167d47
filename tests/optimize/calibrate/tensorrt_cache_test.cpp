#include "trtprof/optimize/calibrate/tensorrt_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using testing::HasSubstr;

std::string problem(std::string_view text) {
  const auto read = calibration_from_tensorrt(text, "int8.cache");
  return read ? "" : read.error().message;
}

TEST(TensorrtCache, ScalesBecomeThresholds) {
  const auto read = calibration_from_tensorrt(
      "TRT-100600-EntropyCalibration2\nimage: 3c010204\n/conv: 1/Conv_output_0: 40000000\n"
      "(Unnamed Layer* 4) [Convolution]_output: 3f800000\nzero: 0\n",
      "int8.cache");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->method, CalibrationMethod::entropy);
  EXPECT_EQ(read->model_sha256, "");
  EXPECT_EQ(read->samples, std::nullopt);
  EXPECT_THAT(read->data, HasSubstr("TRT-100600-EntropyCalibration2"));
  ASSERT_EQ(read->values.size(), 4U);
  EXPECT_NEAR(read->values.at("image").threshold, 1.0, 1e-6);
  EXPECT_EQ(read->values.at("/conv: 1/Conv_output_0"), (CalibratedValue{254, -254, 254}));
  EXPECT_EQ(read->values.at("(Unnamed Layer* 4) [Convolution]_output").threshold, 127.0);
  EXPECT_EQ(read->values.at("zero").threshold, 0.0);
}

TEST(TensorrtCache, TheFirstLineNamesTheMethod) {
  const auto method = [](const std::string& first) { return calibration_from_tensorrt(first + "\r\na: 1\r\n", "c"); };
  EXPECT_EQ(method("TRT-7202-MinMaxCalibration")->method, CalibrationMethod::min_max);
  EXPECT_EQ(method("TRT-8XXX-EntropyCalibration")->method, CalibrationMethod::entropy);
  EXPECT_EQ(method("TRT-5105-LegacyCalibration")->method, CalibrationMethod::percentile);
  EXPECT_THAT(problem("TRT-8502-KlCalibration\na: 1\n"), HasSubstr("none of TensorRT's calibrators"));
  EXPECT_THAT(problem("TRT-\na: 1\n"), HasSubstr("none of TensorRT's calibrators"));
  EXPECT_THAT(problem("a: 1\n"), HasSubstr("int8.cache is no calibration cache of TensorRT"));
}

TEST(TensorrtCache, DamageNamesItsLine) {
  const std::string first = "TRT-8502-MinMaxCalibration\na: 3f800000\n";
  EXPECT_THAT(problem(first + "b 3f800000\n"), HasSubstr("line 3 is 'b 3f800000'"));
  EXPECT_THAT(problem(first + "b: 3f8000001\n"), HasSubstr("line 3"));
  EXPECT_THAT(problem(first + "b: 3g\n"), HasSubstr("line 3"));
  EXPECT_THAT(problem(first + "b: \n"), HasSubstr("line 3"));
  EXPECT_THAT(problem(first + ": 3f800000\n"), HasSubstr("line 3"));
  EXPECT_THAT(problem(first + "b: bf800000\n"), HasSubstr("line 3"));      // negative
  EXPECT_THAT(problem(first + "b: 7f800000\n"), HasSubstr("line 3"));      // infinite
  EXPECT_THAT(problem(first + "b: 7f7fffff\n"), HasSubstr("line 3"));      // 127 times it is
  EXPECT_THAT(problem(first + "b\xB5: 3f800000\n"), HasSubstr("line 3"));  // no name that a model could have
  EXPECT_THAT(problem(first + "\na: 0\n"), HasSubstr("line 4 has a second scale for 'a'"));
  EXPECT_THAT(problem("TRT-8502-MinMaxCalibration\n"), HasSubstr("has no scale"));
  EXPECT_THAT(problem("TRT-8502-\x1b[31mCalibration\na: 1\n"), testing::Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace trtprof
