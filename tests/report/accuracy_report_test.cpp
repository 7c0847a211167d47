// The accuracy report: its text, and its JSON against docs/accuracy.schema.json.
#include "trtprof/report/accuracy_report.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/golden.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using testing::HasSubstr;
using testing::Not;

AccuracySide side(const std::string& path, const std::string& precision) {
  AccuracySide side;
  side.model.path = path;
  side.model.sha256 = std::string(64, 'a');
  side.model.file_bytes = 14'200'000;
  side.environment.backend = "openvino";
  side.environment.engine_name = "OpenVINO";
  side.environment.engine_version = "2026.4.1-22982";
  side.environment.device_name = "a CPU";
  side.environment.precision = precision;
  return side;
}

AccuracyResult result() {
  AccuracyResult result;
  result.samples = 360;
  OutputError scores;
  scores.output = "scores";
  scores.elements = 3600;
  scores.cosine = 0.9999987;
  scores.lowest_cosine = 0.9998;
  scores.sqnr_db = 56.25;
  scores.max_absolute = 0.0125;
  scores.max_relative = 0.00052;
  scores.mean_absolute = 0.0011;
  scores.mean = -0.0001;
  scores.largest_reference = 24.0;
  scores.agreement = ClassAgreement{360, 359, 360};
  OutputError features;
  features.output = "features";
  features.elements = 10;
  features.identical = true;
  features.cosine = 1.0;
  features.nan_other = 2;
  features.infinite_other = 1;
  features.not_finite_apart = 3;
  result.outputs = {scores, features};
  result.labels = LabelAccuracy{"scores", 360, {350, 358}, {349, 358}, {360, 1, 0}};
  return result;
}

AccuracyDocument document(const AccuracyResult& of) {
  const AccuracyGates gates{0.99, 0.5};
  return {of, gates, *judge(of, gates), side("m_f16.onnx", "dynamic"), side("m.onnx", "f32"), {"heldout.npz", 1}};
}

std::string text(const AccuracyDocument& document) {
  std::ostringstream out;
  write_accuracy_text(out, document, false);
  return out.str();
}

TEST(AccuracyReport, AsText) {
  const AccuracyResult of = result();
  expect_golden("report/accuracy.txt", text(document(of)));
}

TEST(AccuracyReport, SaysWhatFailed) {
  AccuracyResult of = result();
  of.labels->top1.only_first_right = 9;
  of.labels->other.top1 = 341;
  EXPECT_THAT(text(document(of)),
              testing::AllOf(HasSubstr("Gates: failed"), HasSubstr("top-1 accuracy drops by 2.500 points, more than")));
}

TEST(AccuracyReport, WithoutLabelsAndGates) {
  AccuracyResult of = result();
  of.labels.reset();
  of.random_data = true;
  AccuracyDocument without = {of, {}, {}, side("a.onnx", "f16"), side("a.onnx", "f32"), {"", 7}};
  EXPECT_THAT(text(without), testing::AllOf(HasSubstr("360 samples, random (seed 7)"), Not(HasSubstr("labels")),
                                            Not(HasSubstr("Gates"))));
}

TEST(AccuracyReport, JsonFollowsItsSchemaWhichDescribesEveryFieldAndNoOther) {
  const auto folder = TemporaryFolder::create("trtprof-accuracy-json");
  ASSERT_TRUE(folder);
  const AccuracyResult full = result();
  AccuracyResult random = result();
  random.random_data = true;
  random.labels.reset();
  std::vector<std::string> command = {kPython, std::string(kSourceDir) + "/tests/support/validate_profile.py",
                                      "--complete", std::string(kSourceDir) + "/docs/accuracy.schema.json"};
  for (const std::string& json :
       {accuracy_to_json(document(full)),
        accuracy_to_json({random, {}, {}, side("a.onnx", ""), side("a.onnx", "f32"), {"", 7}})}) {
    command.push_back((folder->path() / (std::to_string(command.size()) + ".json")).string());
    ASSERT_TRUE(write_file(command.back(), json));
  }
  const ProgramResult run = run_program(command);
  EXPECT_EQ(run.out, "ok\n");
  EXPECT_EQ(run.err, "");
}

TEST(AccuracyReport, JsonHasTheFigures) {
  const AccuracyResult of = result();
  const auto json = nlohmann::json::parse(accuracy_to_json(document(of)));
  EXPECT_EQ(json["schema"]["name"], kAccuracySchemaName);
  EXPECT_DOUBLE_EQ(json["outputs"][0]["sqnr_db"], 56.25);
  EXPECT_FALSE(json["outputs"][1].contains("sqnr_db"));
  EXPECT_DOUBLE_EQ(json["labels"]["drop"], 1.0 / 360);
  EXPECT_TRUE(json["gates"]["passed"]);
}

}  // namespace
}  // namespace trtprof::test
