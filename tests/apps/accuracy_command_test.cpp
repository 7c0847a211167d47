// `accuracy` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/optimize/precision/convert_precision.h"

namespace trtprof::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kCls = std::string(kOcrModelsDir) + "/ch_ppocr_mobile_v2.0_cls_infer.onnx";

class AccuracyCommand : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  [[nodiscard]] static ProgramResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "accuracy");
    return run_tensorrt_profiling(arguments, {.environment = {{"TRTPROF_BACKEND_PATH", kBuildDir}}});
  }
  void make_data() const {
    const auto made = run_program(
        {kPython, "-c",
         "import numpy as np\nr = np.random.RandomState(1)\n"
         "np.savez('" +
             path("d.npz") +
             "', **{'x': r.randint(0, 256, (6, 3, 48, 96)).astype(np.uint8), 'x.scale': np.float32(1 / 127.5),"
             "'x.offset': np.float32(-1), 'labels': np.int64([0, 1, 0, 1, 0, 1])})"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  void make_f16() const {
    const auto model = OnnxModel::load(kCls);
    ASSERT_TRUE(model.has_value());
    const auto converted = convert_precision(*model);
    ASSERT_TRUE(converted.has_value());
    ASSERT_TRUE(converted->model.save_with_data(path("f16.onnx")));
  }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-accuracy-command");
};

TEST_F(AccuracyCommand, AConvertedModelAgainstItsOrigin) {
  make_data();
  make_f16();
  const auto result = run({path("f16.onnx"), "--against", kCls, "--data", path("d.npz"), "--json", path("a.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("6 samples with labels"), HasSubstr("Drop of top-1"), HasSubstr("dB")));
  const auto json = nlohmann::json::parse(*read_file(path("a.json")));
  EXPECT_GT(json["outputs"][0]["cosine"], 0.999);
  EXPECT_EQ(json["reference"]["precision"], "f32");
  EXPECT_EQ(json["data"]["samples"], 6);
}

TEST_F(AccuracyCommand, TheSameModelInAnotherPrecision) {
  make_data();
  const auto result = run({kCls, "--data", path("d.npz"), "--precision", "bf16", "--samples", "3", "--batch", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("precision f32"), HasSubstr("3 samples with labels")));
}

TEST_F(AccuracyCommand, AFailedGateIsExitCode3) {
  for (const std::string seed : {"1", "2"}) {
    const auto made = run_tensorrt_profiling(
        {"sample", "mobilenetv2", "--width", "0.25", "--resolution", "32", "--seed", seed, "-o", path(seed + ".onnx")});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  const auto result = run({path("1.onnx"), "--against", path("2.onnx"), "--samples", "20", "--min-agreement", "99%",
                           "--json", path("a.json")});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Gates: failed"));
  EXPECT_THAT(result.err, HasSubstr("of 20 rows, less than 99 %"));
  EXPECT_FALSE(nlohmann::json::parse(*read_file(path("a.json")))["gates"]["passed"]);
}

TEST_F(AccuracyCommand, AGateWithoutLabelsIsAMistake) {
  make_data();
  const auto result =
      run({kCls, "--data", path("d.npz"), "--precision", "f16", "--label-output", "nothing", "--max-drop", "1"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("no labels"));
}

TEST_F(AccuracyCommand, AskedForTheImpossible) {
  make_data();
  EXPECT_THAT(run({kCls, "--shape", "x:1x3x48x96", "--precision", "f32"}).err, HasSubstr("is compared with itself"));
  EXPECT_THAT(run({kCls, "--data", path("nothing.npz")}).err, HasSubstr("nothing.npz"));
  EXPECT_EQ(run({kCls, "--min-agreement", "101%"}).exit_code, 2);
  EXPECT_EQ(run({kCls, "--max-drop", "-1"}).exit_code, 2);
  EXPECT_EQ(run({kCls, "--data", path("d.npz"), "--class-axis", "7", "--precision", "f16"}).exit_code, 2);
}

TEST_F(AccuracyCommand, RandomSamplesComeWithAWarning) {
  const auto result = run({kCls, "--shape", "x:2x3x48x96", "--precision", "f16", "--samples", "4"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the samples are random"));
  EXPECT_THAT(result.out, HasSubstr("4 samples, random (seed 1)"));
}

}  // namespace
}  // namespace trtprof::test
