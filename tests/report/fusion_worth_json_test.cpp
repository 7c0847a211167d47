// The JSON of `fusion` against docs/fusion.schema.json, by a validator that knows nothing of the writer.
#include <functional>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/fusion_worth_fixture.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/report/fusion_worth.h"

namespace trtprof::test {
namespace {

using nlohmann::json;

const std::string kSchema = std::string(kSourceDir) + "/docs/fusion.schema.json";
const std::string kValidator = std::string(kSourceDir) + "/tests/support/validate_profile.py";

class FusionWorthJson : public ::testing::Test {
 protected:
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
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-fusion-json");
  int count_ = 0;
};

TEST_F(FusionWorthJson, FollowsItsSchema) {
  EXPECT_THAT(lines_of({kSchema, file_of(fusion_worth_to_json(full_fusion_worth())),
                        file_of(fusion_worth_to_json(bare_fusion_worth()))}),
              ::testing::ElementsAre("ok", "ok"));
}

TEST_F(FusionWorthJson, EveryFieldOfTheSchemaIsWrittenAndNoOther) {
  EXPECT_THAT(lines_of({"--complete", kSchema, file_of(fusion_worth_to_json(full_fusion_worth()))}),
              ::testing::ElementsAre("ok"));
}

TEST_F(FusionWorthJson, TheSchemaRefusesWhatIsWrong) {
  const std::vector<std::function<void(json&)>> wrong = {
      [](json& d) { d["schema"]["name"] = "trtprof-profile"; },
      [](json& d) { d.erase("kinds"); },
      [](json& d) { d["kinds"][0]["kind"] = "conv"; },
      [](json& d) { d["kinds"][0]["worth"].erase("rounds"); },
      [](json& d) { d["kinds"][0]["worth"]["seconds"] = "1.5 ms"; },
      [](json& d) { d["kinds"][1]["instances"][0]["state"] = "fused"; },
      [](json& d) { d["kinds"][2]["bound"]["basis"] = "guess"; },
      [](json& d) { d["partial"] = 0; },
  };
  std::vector<std::string> arguments = {kSchema};
  for (const auto& change : wrong) {
    json document = json::parse(fusion_worth_to_json(full_fusion_worth()));
    change(document);
    arguments.push_back(file_of(document.dump()));
  }
  EXPECT_THAT(lines_of(arguments),
              ::testing::AllOf(::testing::SizeIs(wrong.size()), ::testing::Each(::testing::Not("ok"))));
}

TEST_F(FusionWorthJson, HoldsWhatTheTextRounds) {
  const json document = json::parse(fusion_worth_to_json(full_fusion_worth()));
  EXPECT_DOUBLE_EQ(document["kinds"][0]["worth"]["low"], 1.4e-3);
  EXPECT_DOUBLE_EQ(document["kinds"][0]["guide"], 0.30);
  EXPECT_FALSE(document["kinds"][2].contains("worth"));
  EXPECT_FALSE(document["kinds"][4]["instances"][0].contains("bytes"));
}

}  // namespace
}  // namespace trtprof::test
