// The JSON of an analysis against docs/analysis.schema.json, by a validator that knows nothing of the writer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/analyzed.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/report/analysis_report.h"

namespace trtprof::test {
namespace {

using nlohmann::json;

const std::string kSchema = std::string(kSourceDir) + "/docs/analysis.schema.json";
const std::string kValidator = std::string(kSourceDir) + "/tests/support/validate_profile.py";

std::string document_of(const Analyzed& analyzed) {
  return analysis_to_json({analyzed.analysis,
                           analyzed.profile,
                           {"p.json", "00ff"},
                           AnalysisSource{"q.json", "11ee"},
                           AnalysisSource{"m.onnx", "22dd"}});
}

// Stored profiles that have all kinds of conclusions together; a power cap is put in by hand.
std::vector<std::string> documents() {
  Profile capped = stored_profile("mobilenetv2_b64_graph");
  capped.telemetry->throttle_reasons = {{"sw_power_cap", 0.8}};
  const Profile fp16 = stored_profile("mobilenetv2_b1_fp16_beside_int8");
  return {document_of(analyzed(std::move(capped), "mobilenetv2", 64)),
          document_of(analyzed(stored_profile("mobilenetv2_b1_stream"))),
          document_of(analyzed(stored_profile("transfer_pageable"), "transfer")),
          document_of(analyzed(stored_profile("mobilenetv2_b1_int8"), {}, 1, &fp16)),
          document_of(analyzed(stored_profile("mobilenetv2_cpu"))),
          document_of(analyzed(Profile{}))};
}

TEST(AnalysisJson, FollowsItsSchemaWhichDescribesEveryFieldAndNoOther) {
  const auto folder = TemporaryFolder::create("trtprof-analysis-json");
  ASSERT_TRUE(folder);
  std::vector<std::string> command = {kPython, kValidator, "--complete", kSchema};
  for (const std::string& document : documents()) {
    command.push_back((folder->path() / (std::to_string(command.size()) + ".json")).string());
    ASSERT_TRUE(write_file(command.back(), document));
  }
  const ProgramResult run = run_program(command);
  EXPECT_EQ(run.out, "ok\n");
  EXPECT_EQ(run.err, "");
}

TEST(AnalysisJson, NamesItsSourcesByHash) {
  const json document = json::parse(document_of(analyzed(stored_profile("transfer"))));
  EXPECT_EQ(document["schema"]["name"], kAnalysisSchemaName);
  EXPECT_EQ(document["profile"]["sha256"], "00ff");
  EXPECT_EQ(document["counterpart"]["path"], "q.json");
  EXPECT_EQ(document["model"]["path"], "m.onnx");
  EXPECT_EQ(document["verdict"]["bottleneck"], "transfers");
}

TEST(AnalysisJson, TermsAndSharesAddUp) {
  for (const std::string& text : documents()) {
    const json document = json::parse(text);
    if (!document.contains("account")) continue;
    double sum = document["account"]["unexplained"];
    for (const json& term : document["account"]["terms"]) sum += term.value("seconds", 0.0);
    EXPECT_NEAR(sum, document["account"]["end_to_end"].get<double>(), 1e-9);
    double shares = 0.0;
    for (const json& share : document["verdict"]["shares"]) shares += share["share"].get<double>();
    EXPECT_NEAR(shares, 1.0, 1e-9);
  }
}

}  // namespace
}  // namespace trtprof::test
