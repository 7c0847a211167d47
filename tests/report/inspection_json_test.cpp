// The JSON of an inspection against docs/inspection.schema.json, by a validator that knows nothing of the writer.
#include <functional>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/inspection_fixture.h"
#include "support/profile_fixture.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/report/inspection.h"

namespace trtprof::test {
namespace {

using nlohmann::json;

const std::string kSchema = std::string(kSourceDir) + "/docs/inspection.schema.json";
const std::string kValidator = std::string(kSourceDir) + "/tests/support/validate_profile.py";

class InspectionJson : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.has_value()); }

  std::string file_of(const std::string& text) {
    const auto path = folder_->path() / (std::to_string(count_++) + ".json");
    EXPECT_TRUE(write_file(path, text).has_value());
    return path.string();
  }

  std::vector<std::string> lines_of(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {kPython, kValidator});
    const ProgramResult run = run_program(arguments);
    EXPECT_EQ(run.err, "");
    std::vector<std::string> lines;
    std::istringstream stream(run.out);
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(line);
    }
    return lines;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-inspection-json");
  int count_ = 0;
};

TEST_F(InspectionJson, FollowsItsSchema) {
  EXPECT_THAT(lines_of({kSchema, file_of(inspection_to_json(full_model_inspection())),
                        file_of(inspection_to_json(open_model_inspection())),
                        file_of(inspection_to_json(full_profile_inspection())),
                        file_of(inspection_to_json(ProfileInspection{"p.json", 0, bare_profile(), {}})),
                        file_of(inspection_to_json(full_engine_inspection())),
                        file_of(inspection_to_json(bare_engine_inspection()))}),
              ::testing::AllOf(::testing::SizeIs(6), ::testing::Each("ok")));
}

TEST_F(InspectionJson, EveryFieldOfTheSchemaIsWrittenAndNoOther) {
  EXPECT_THAT(lines_of({"--complete", kSchema, file_of(inspection_to_json(full_model_inspection())),
                        file_of(inspection_to_json(full_profile_inspection())),
                        file_of(inspection_to_json(full_engine_inspection()))}),
              ::testing::ElementsAre("ok"));
}

TEST_F(InspectionJson, TheSchemaRefusesWhatIsWrong) {
  const std::vector<std::function<void(json&)>> wrong = {
      [](json& d) { d["kind"] = "engine"; },
      [](json& d) { d["kind"] = "table"; },
      [](json& d) { d["schema"]["name"] = "trtprof-profile"; },
      [](json& d) { d.erase("model"); },
      [](json& d) { d["model"].erase("totals"); },
      [](json& d) { d["model"]["parameters"] = -1; },
      [](json& d) { d["model"]["parameters"] = "3.5 M"; },
      [](json& d) { d["model"]["inputs"][0]["shape"][0] = nullptr; },
      [](json& d) { d["model"]["fusion_candidates"][0]["kind"] = "conv"; },
      [](json& d) { d["model"]["operators"][0]["totals"]["macs"] = nullptr; },
  };
  std::vector<std::string> arguments = {kSchema};
  for (const auto& change : wrong) {
    json document = json::parse(inspection_to_json(full_model_inspection()));
    change(document);
    arguments.push_back(file_of(document.dump()));
  }
  EXPECT_THAT(lines_of(arguments),
              ::testing::AllOf(::testing::SizeIs(wrong.size()), ::testing::Each(::testing::Not("ok"))));
}

TEST_F(InspectionJson, HoldsAllCandidatesAndWhatTheTextOnlyRounds) {
  const json document = json::parse(inspection_to_json(full_model_inspection()));
  const json& model = document["model"];
  EXPECT_EQ(model["parameters"], 2189767);
  EXPECT_EQ(model["fusion_candidates"].size(), 6U);
  EXPECT_EQ(model["fusion_candidates"][5]["block"], true);
  EXPECT_EQ(model["outputs"][0]["shape"], json::parse(R"([1, "classes", "?"])"));
  EXPECT_FALSE(model["outputs"][1].contains("shape"));
  EXPECT_EQ(model["inputs"][1]["name"], "m\x1b[31m");
}

TEST_F(InspectionJson, WhatIsNotKnownIsAbsent) {
  const json memory = json::parse(inspection_to_json(open_model_inspection()))["model"]["memory"];
  EXPECT_FALSE(memory.contains("peak_activation_bytes"));
  EXPECT_FALSE(memory.contains("weight_bytes"));
  EXPECT_EQ(memory["activations_of_unknown_size"], 2);
}

}  // namespace
}  // namespace trtprof::test
