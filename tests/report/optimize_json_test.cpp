// The JSON of an optimisation against docs/optimize.schema.json, by a validator that knows nothing of the writer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/experiments_fixture.h"
#include "report/optimization_fixture.h"
#include "report/sensitivity_fixture.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using nlohmann::json;

std::string document(const OptimizeReport& report, std::optional<WrittenModel> written = {}) {
  return optimization_to_json({optimized_model(), report, "level 3", std::move(written)});
}

// With all that follows the passes.
std::string whole_document() {
  const OptimizeReport report = optimization();
  PrecisionDone done;
  done.report.converted = {"conv1"};
  done.report.blocked = {{"big", "Mul", "it reaches 1e+06 in f32"}};
  done.report.losses = {{"w", 10, 1, 2, 3}};
  done.report.notes = {"operator set 17 became 22"};
  done.inferences = 4;
  done.data = "random inputs (seed 1)";
  const AccuracyResult accuracy;
  const AccuracyDocument against{accuracy, {}, {}, {}, {}, {}};
  const Comparison comparison;
  const ComparisonDocument compared{comparison, {}, {}};
  const ModelInfo model = optimized_model();
  OptimizationDocument document{model, report, "level 3", WrittenModel{"o.onnx", std::string(64, 'b'), 1'900'000}};
  const PruningReport pruning{{{"conv1", "Conv", 64, 32, 0.1}}, {{"conv2", "Conv", "its weights are not a constant"}}};
  document.pruning = &pruning;
  QuantizationDone quantization;
  quantization.report.quantized = {{"conv1", "Conv", 864}};
  quantization.report.left = {{"gemm", "Gemm", "its weights are not a constant"}};
  quantization.calibration.values["x"] = {2.5, -1.0, 2.5, 1000};
  quantization.calibration.percentile = 99.9;
  quantization.equalization = Equalization{{{"relu1", "conv1", "conv2", 3, 4.0}}, {}};
  quantization.biases.emplace();
  document.quantization = &quantization;
  document.precision = &done;
  const SensitivityDone sensitivity = sensitivity_found();
  document.sensitivity = &sensitivity;
  const ExperimentsReport experiments = experiments_done();
  document.experiments = &experiments;
  document.accuracy = &against;
  document.comparison = &compared;
  return optimization_to_json(document);
}

TEST(OptimizeJson, FollowsItsSchemaWhichDescribesEveryFieldAndNoOther) {
  OptimizeReport unchecked;
  unchecked.not_checked = "the check was not wanted";
  const auto folder = TemporaryFolder::create("trtprof-optimize-json").value();
  std::vector<std::string> command = {kPython, std::string(kSourceDir) + "/tests/support/validate_profile.py",
                                      "--complete", std::string(kSourceDir) + "/docs/optimize.schema.json"};
  for (const std::string& text : {document(optimization(), WrittenModel{"o.onnx", std::string(64, 'b'), 1'900'000}),
                                  document(unchecked), whole_document()}) {
    command.push_back((folder.path() / (std::to_string(command.size()) + ".json")).string());
    ASSERT_TRUE(write_file(command.back(), text));
  }
  const ProgramResult run = run_program(command);
  EXPECT_EQ(run.out, "ok\n");
  EXPECT_EQ(run.err, "");
}

TEST(OptimizeJson, SaysWhatWasDoneAndLeft) {
  const json written = json::parse(document(optimization()));
  EXPECT_EQ(written["schema"]["name"], kOptimizationSchemaName);
  EXPECT_FALSE(written.contains("result"));
  EXPECT_EQ(written["model"]["sha256"], std::string(64, 'a'));
  EXPECT_EQ(written["steps"][0]["rewrites"].size(), 2U);
  EXPECT_EQ(written["steps"][0]["check"]["error"], 1.5e-6);
  EXPECT_FALSE(written["steps"][0].contains("taken_back"));
  EXPECT_TRUE(written["steps"][1]["check"]["error"].is_null()) << "JSON has no infinity";
  EXPECT_EQ(written["passes"][1]["near_misses"][2]["why_not"], "its mean is not a constant");
  EXPECT_FALSE(written["passes"][0].contains("largest_error"));
}

}  // namespace
}  // namespace trtprof::test
