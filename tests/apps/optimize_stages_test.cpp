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
  const ProgramResult run = optimize({"--precision", "bf16", "--raise-opset", "22", "--batch", "64", "--samples", "512",
                                      "--min-agreement", "100%", "--no-compare"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_FALSE(document()["accuracy"]["gates"]["passed"].get<bool>());
}

// A gate that nobody judges would pass: without the passes' check, and without a file.
TEST_F(OptimizeStages, GatesAreJudgedWhateverIsLeftOut) {
  const std::vector<std::string> pruned = {"--prune-2-4", "--data", kHeldOut,          "--samples", "64",
                                           "--max-drop",  "0",      "--min-agreement", "99.9",      "--no-compare"};
  const auto with = [&pruned](std::vector<std::string> more) {
    more.insert(more.end(), pruned.begin(), pruned.end());
    return more;
  };
  EXPECT_EQ(optimize(with({})).exit_code, 3);
  EXPECT_EQ(optimize(with({"--no-check"})).exit_code, 3);
  const ProgramResult not_written = run_tensorrt_profiling(with({"optimize", kDigits, "--json", path("n.json")}));
  EXPECT_EQ(not_written.exit_code, 3) << not_written.err;
  EXPECT_THAT(not_written.out, HasSubstr("Gates: failed"));
  EXPECT_THAT(not_written.out, HasSubstr("Model:     (not written)"));
  const json document = json::parse(read_file(path("n.json")).value());
  EXPECT_FALSE(document["accuracy"]["gates"]["passed"].get<bool>());
  EXPECT_FALSE(document.contains("result"));
}

TEST_F(OptimizeStages, AModelThatIsNotChangedPassesItsGates) {
  const ProgramResult run =
      optimize({"--passes", "none", "--data", kHeldOut, "--samples", "64", "--max-drop", "0.0", "--no-compare"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(document()["accuracy"]["gates"]["passed"].get<bool>());
}

TEST_F(OptimizeStages, AGateThatNothingCanJudgeIsAUsageError) {
  const ProgramResult no_data = optimize({"--batch", "1", "--max-drop", "0.5", "--no-compare"});
  EXPECT_EQ(no_data.exit_code, 2);
  EXPECT_THAT(no_data.err, HasSubstr("--max-drop is about the answers to labelled data, and there is no --data"));
  EXPECT_EQ(no_data.out, "");
  const ProgramResult open = optimize({"--no-check", "--min-agreement", "99", "--no-compare"});
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_THAT(open.err, HasSubstr("--max-drop and --min-agreement are judged by running the model"));
  EXPECT_EQ(open.out, "");
  const std::string script =
      "import numpy, sys\n"
      "data = numpy.load(sys.argv[1])\n"
      "numpy.savez(sys.argv[2], **{k: data[k] for k in data.files if k != 'labels'})\n";
  ASSERT_EQ(run_program({kPython, "-c", script, kHeldOut, path("unlabelled.npz")}).exit_code, 0);
  const ProgramResult unlabelled = optimize({"--data", path("unlabelled.npz"), "--max-drop", "0.5", "--no-compare"});
  EXPECT_EQ(unlabelled.exit_code, 2);
  EXPECT_THAT(unlabelled.err, HasSubstr("unlabelled.npz has no labels"));
  EXPECT_EQ(unlabelled.out, "");
  EXPECT_EQ(optimize({"--data", kHeldOut, "--max-drop", "-0.1"}).exit_code, 2);
  const ProgramResult loop = optimize({"--budget", "10", "--batch", "1", "--max-drop", "0.5"});
  EXPECT_EQ(loop.exit_code, 2);
  EXPECT_THAT(loop.err, HasSubstr("there is no --data"));
}

TEST_F(OptimizeStages, OptionsAboutDataThatIsNotThereAreUsageErrors) {
  for (const auto& [option, value] :
       {std::pair("--preprocess", "p.json"), std::pair("--label-output", "logits"), std::pair("--class-axis", "1")}) {
    const ProgramResult run = optimize({"--batch", "1", "--no-compare", option, value});
    EXPECT_EQ(run.exit_code, 2) << option;
    EXPECT_THAT(run.err, HasSubstr(std::string(option) + " is for")) << option;
  }
  EXPECT_EQ(optimize({"--batch", "1", "--no-compare", "--class-axis", "1", "--min-agreement", "99"}).exit_code, 0);
}

// The batch that the model leaves open is the data's in the launches, too; --calibration-data says it as well as
// --data.
TEST_F(OptimizeStages, WhatIsLaunchedHasTheShapesOfTheData) {
  const std::vector<std::string> launches = {"--launches", "2", "--iterations", "20", "--warmup", "2"};
  for (const std::string option : {"--data", "--calibration-data"}) {
    std::vector<std::string> options = {"--precision", "int8", option, kHeldOut, "--calibration-samples", "64"};
    options.insert(options.end(), launches.begin(), launches.end());
    const ProgramResult run = optimize(options);
    EXPECT_EQ(run.exit_code, 0) << option << run.err;
    EXPECT_EQ(document()["comparison"]["profiles_a"].size(), 2U) << option;
    EXPECT_TRUE(document().contains("accuracy")) << option;
    EXPECT_EQ(document()["accuracy"]["data"].contains("path"), option == "--data");
  }
}

// What was done is written by then, and its report with it.
TEST_F(OptimizeStages, AComparisonThatFailsLeavesTheReport) {
  const ProgramResult run = optimize({"--precision", "f16", "--no-check", "--range-inferences", "0"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("leaves input dimensions open"));
  EXPECT_THAT(run.out, HasSubstr("Precision f16"));
  EXPECT_THAT(run.out, HasSubstr("Written:"));
  EXPECT_EQ(document()["precision"]["type"], "f16");
}

TEST_F(OptimizeStages, AnInterruptLeavesTheReport) {
  ProgramOptions options;
  options.signal_after_text = "launch 1 of";
  options.signal_after_seconds = 0.5;
  const ProgramResult run =
      run_tensorrt_profiling({"optimize", kDigits, "-o", path("o.onnx"), "--json", path("o.json"), "--batch", "1",
                              "--precision", "f16", "--range-inferences", "0", "--no-check", "--experiments", "-v"},
                             options);
  EXPECT_EQ(run.exit_code, 130) << run.err;
  EXPECT_THAT(run.out, HasSubstr("Precision f16"));
  EXPECT_EQ(document()["precision"]["type"], "f16");
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
