// A calibration as JSON: written and read again, refused when it is damaged, and described by
// docs/calibration.schema.json, which a validator checks that knows nothing of writer or reader.
#include "trtprof/optimize/calibrate/calibration_json.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Calibration full() {
  Calibration calibration;
  calibration.method = CalibrationMethod::percentile;
  calibration.percentile = 99.9;
  calibration.unsigned_activations = true;
  calibration.data = "heldout.npz";
  calibration.inferences = 4;
  calibration.samples = 60;
  calibration.model_sha256 = std::string(64, 'a');
  calibration.values["image"] = {1.0, 0.0, 1.0, 65536, 0, 0.0};
  calibration.values["a\"b\\ \xC3\xA4\n"] = {0.1234567890123, -0.3, 1e-7, 12, 3, 0.001};
  calibration.channel_factors["image"] = {1.0, 64.0};
  calibration.bias_shifts["conv1"] = {-0.125, 1.0 / 3.0};
  calibration.warnings = {"one odd sample"};
  return calibration;
}

struct Damage {
  const char* what;
  void (*apply)(json& document);
  const char* message;
};

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all = {
      {"another document", [](json& d) { d["schema"]["name"] = "trtprof-engine"; }, "it is no calibration"},
      {"a list", [](json& d) { d = json::array({d}); }, "it is no calibration"},
      {"a later major version", [](json& d) { d["schema"]["major"] = 2; }, "it has schema version 2"},
      {"no method", [](json& d) { d.erase("method"); }, "/method is missing"},
      {"an unknown method", [](json& d) { d["method"] = "kl"; }, "/method must be min-max, percentile"},
      {"a percentile of 101", [](json& d) { d["percentile"] = 101; }, "/percentile must be a number from 0 to 100"},
      {"a count with a fraction", [](json& d) { d["inferences"] = 1.5; }, "/inferences must be a whole number"},
      {"a negative count", [](json& d) { d["samples"] = -1; }, "/samples must be a whole number"},
      {"values by name", [](json& d) { d["values"] = json::object(); }, "/values must be a list"},
      {"a value without a name", [](json& d) { d["values"][1].erase("name"); }, "/values/1/name is missing"},
      {"a threshold below zero", [](json& d) { d["values"][0]["threshold"] = -1; },
       "/values/0/threshold must be a number from 0 on"},
      {"text for a number", [](json& d) { d["values"][0]["min"] = "0"; }, "/values/0/min must be a number"},
      {"a share of 2", [](json& d) { d["values"][0]["clipped"] = 2; }, "/values/0/clipped must be a share"},
      {"a factor below 1", [](json& d) { d["channel_factors"][0]["factors"][1] = 0.5; },
       "/channel_factors/0/factors must be a list of numbers that can be"},
      {"no factors", [](json& d) { d["channel_factors"][0]["factors"] = json::array(); },
       "/channel_factors/0/factors must be a list that is not empty"},
      {"a text among shifts", [](json& d) { d["bias_shifts"][0]["shifts"][0] = "1"; },
       "/bias_shifts/0/shifts must be a list of numbers"},
      {"a number among warnings", [](json& d) { d["warnings"][0] = 1; }, "/warnings must be a list of texts"},
  };
  return all;
}

test::ProgramResult validated(const std::vector<std::string>& options, const std::vector<std::string>& documents) {
  static const TemporaryFolder folder = TemporaryFolder::create("trtprof-calibration-schema").value();
  std::vector<std::string> command = {test::kPython,
                                      std::string(test::kSourceDir) + "/tests/support/validate_profile.py"};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(std::string(test::kSourceDir) + "/docs/calibration.schema.json");
  for (const std::string& document : documents) {
    command.push_back((folder.path() / (std::to_string(command.size()) + ".json")).string());
    EXPECT_TRUE(write_file(command.back(), document));
  }
  return test::run_program(command);
}

TEST(CalibrationJson, WhatIsWrittenIsReadAgain) {
  const auto again = calibration_from_json(calibration_to_json(full()), "c.json");
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(*again, full());
  Calibration least;
  const auto read = calibration_from_json(calibration_to_json(least), "c.json");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, least);
}

TEST(CalibrationJson, TheSchemaDescribesEveryFieldAndNoOther) {
  const auto run = validated({"--complete"}, {calibration_to_json(full()), calibration_to_json(Calibration{})});
  EXPECT_EQ(run.out, "ok\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST(CalibrationJson, NamesAreThereOnce) {
  for (const char* list : {"values", "channel_factors", "bias_shifts"}) {
    json document = json::parse(calibration_to_json(full()));
    document[list].push_back(document[list][0]);
    const auto read = calibration_from_json(document.dump(), "c.json");
    ASSERT_FALSE(read.has_value()) << list;
    EXPECT_THAT(read.error().message, HasSubstr("/name must be a name that no ")) << list;
  }
}

TEST(CalibrationJson, DamageIsASentenceAndTheSchemaSeesIt) {
  std::vector<std::string> documents;
  for (const Damage& damage : damages()) {
    json document = json::parse(calibration_to_json(full()));
    damage.apply(document);
    documents.push_back(document.dump());
    const auto read = calibration_from_json(documents.back(), "c.json");
    ASSERT_FALSE(read.has_value()) << damage.what;
    EXPECT_THAT(read.error().message, HasSubstr(damage.message)) << damage.what;
    EXPECT_THAT(read.error().message, HasSubstr("c.json: ")) << damage.what;
  }
  std::istringstream lines(validated({}, documents).out);
  for (const Damage& damage : damages()) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_NE(line, "ok") << "the schema accepts " << damage.what;
  }
}

// What no schema can say.
TEST(CalibrationJson, WhatContradictsItselfIsRefused) {
  json document = json::parse(calibration_to_json(full()));
  document["values"][1]["name"] = document["values"][0]["name"];
  const auto twice = calibration_from_json(document.dump(), "c.json");
  ASSERT_FALSE(twice.has_value());
  EXPECT_THAT(twice.error().message, HasSubstr("/values/1/name must be a name that no value before has"));
  document = json::parse(calibration_to_json(full()));
  document["values"][0]["max"] = -1;
  const auto reversed = calibration_from_json(document.dump(), "c.json");
  ASSERT_FALSE(reversed.has_value());
  EXPECT_THAT(reversed.error().message, HasSubstr("must be no less than min"));
  EXPECT_EQ(calibration_from_json("{", "c.json").error().message, "c.json is not JSON");
}

}  // namespace
}  // namespace trtprof
