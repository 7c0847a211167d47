// `optimize` beyond its passes: another precision, accuracy on data, and the comparison at the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx_pb.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kDigits = std::string(kSourceDir) + "/models/digits/mobilenetv2_digits.onnx";
const std::string kHeldOut = std::string(kSourceDir) + "/models/digits/heldout.npz";

class OptimizeStages : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] json document() const { return json::parse(read_file(path("o.json")).value()); }

  [[nodiscard]] ProgramResult optimize(std::vector<std::string> options) const {
    options.insert(options.begin(), {"optimize", kDigits, "-o", path("o.onnx"), "--json", path("o.json")});
    return run_tensorrt_profiling(options);
  }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-optimize-stages").value();
};

TEST_F(OptimizeStages, Fp16KeepsTheAccuracyOnLabelledData) {
  const ProgramResult run =
      optimize({"--precision", "fp16", "--data", kHeldOut, "--batch", "100", "--max-drop", "0.1", "--no-compare"});
  EXPECT_EQ(run.exit_code, 0) << run.err << run.out;
  EXPECT_THAT(run.out, HasSubstr("Precision f16"));
  const json result = document();
  EXPECT_EQ(result["precision"]["type"], "f16");
  EXPECT_THAT(result["precision"]["data"].get<std::string>(), HasSubstr("heldout.npz"));
  EXPECT_EQ(result["precision"]["range_inferences"], 4);
  EXPECT_EQ(result["precision"]["casts_added"], 2);
  EXPECT_EQ(result["accuracy"]["data"]["samples"], 1000);
  EXPECT_TRUE(result["accuracy"]["gates"]["passed"].get<bool>());
  EXPECT_FALSE(result.contains("comparison"));
  const auto written = OnnxModel::load(path("o.onnx"));
  ASSERT_TRUE(written.has_value()) << written.error().message;
  for (const auto& weight : written->proto().graph().initializer()) {
    EXPECT_NE(weight.data_type(), onnx::TensorProto::FLOAT) << weight.name();
  }
}

TEST_F(OptimizeStages, WhatIsToStayStaysInF32) {
  const ProgramResult run =
      optimize({"--precision", "f16", "--keep-op", "Gemm", "--batch", "2", "--range-inferences", "0", "--no-compare"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("In f32 still, and why"));
  const json blocked = document()["precision"]["blocked"];
  ASSERT_EQ(blocked.size(), 1U);
  EXPECT_EQ(blocked[0]["op_type"], "Gemm");
  EXPECT_EQ(document()["precision"]["range_inferences"], 0);
}

TEST_F(OptimizeStages, InputsAndOutputsAreConvertedOnRequest) {
  EXPECT_EQ(optimize({"--precision", "fp16", "--convert-io", "--no-check", "--range-inferences", "0", "--no-compare"})
                .exit_code,
            0);
  const auto written = OnnxModel::load(path("o.onnx"));
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_EQ(written->graph().inputs.front().type, ElementType::f16);
  EXPECT_EQ(document()["precision"]["casts_added"], 0);
}

// Weights and activations of bf16 have 8 bits: on noise another class comes first now and then.
TEST_F(OptimizeStages, AGateThatFailsIsExitCode3) {
  const ProgramResult run =
      optimize({"--precision", "bf16", "--batch", "64", "--samples", "512", "--min-agreement", "100%", "--no-compare"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_FALSE(document()["accuracy"]["gates"]["passed"].get<bool>());
}

TEST_F(OptimizeStages, EndsInAComparison) {
  const ProgramResult run = optimize({"--batch", "1", "--launches", "2", "--iterations", "20", "--warmup", "2"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("B is what was written, A what was given."));
  const json comparison = document()["comparison"];
  EXPECT_EQ(comparison["profiles_a"].size(), 2U);
  EXPECT_EQ(comparison["verdict"]["figure"], "latency");
  EXPECT_FALSE(document().contains("precision"));
  EXPECT_FALSE(document().contains("accuracy"));
}

}  // namespace
}  // namespace trtprof::test
