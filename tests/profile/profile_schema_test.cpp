// docs/profile.schema.json against what the library writes and reads, by a validator that knows nothing of either.
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/profile_fixture.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof {
namespace {

using nlohmann::json;

const std::string kSchema = std::string(test::kSourceDir) + "/docs/profile.schema.json";
const std::string kValidator = std::string(test::kSourceDir) + "/tests/support/validate_profile.py";

class ProfileSchema : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.has_value()); }

  std::string file_of(const std::string& text) {
    const std::filesystem::path path = folder_->path() / (std::to_string(count_++) + ".json");
    EXPECT_TRUE(write_file(path, text).has_value());
    return path.string();
  }

  // "ok" or the validator's error, for each document.
  std::vector<std::string> verdicts(const std::vector<std::string>& documents) {
    std::vector<std::string> command = {test::kPython, kValidator, kSchema};
    for (const std::string& document : documents) {
      command.push_back(file_of(document));
    }
    const test::ProgramResult run = test::run_program(command);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::vector<std::string> lines;
    std::istringstream stream(run.out);
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(line);
    }
    EXPECT_EQ(lines.size(), documents.size()) << run.out;
    lines.resize(documents.size());
    return lines;
  }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-profile-schema");
  int count_ = 0;
};

TEST_F(ProfileSchema, AcceptsWhatTheLibraryWrites) {
  Profile empty_runs = test::bare_profile();
  empty_runs.layer_run.emplace();
  empty_runs.end_to_end.emplace();
  Profile every_class = test::bare_profile();
  every_class.layer_run.emplace();
  for (const LayerClass layer_class : all_layer_classes()) {
    every_class.layer_run->layers.push_back(test::layer_taking("layer", layer_class, 0.0));
  }
  const std::vector<std::string> results =
      verdicts({profile_to_json(test::full_profile()), profile_to_json(test::bare_profile()), profile_to_json({}),
                profile_to_json(test::guide_profile()), profile_to_json(empty_runs), profile_to_json(every_class)});
  EXPECT_THAT(results, ::testing::Each("ok"));
}

TEST_F(ProfileSchema, DescribesEveryFieldThatIsWrittenAndNoOther) {
  const test::ProgramResult run = test::run_program(
      {test::kPython, kValidator, "--complete", kSchema, file_of(profile_to_json(test::full_profile()))});
  EXPECT_EQ(run.out, "ok\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

struct Mutation {
  const char* what;
  std::function<void(json&)> apply;
};

// What the schema refuses the reader refuses too, and the other way round.
const std::vector<Mutation> kRefused = {
    {"no schema", [](json& d) { d.erase("schema"); }},
    {"another schema", [](json& d) { d["schema"]["name"] = "trtprof-analysis"; }},
    {"newer major", [](json& d) { d["schema"]["major"] = 2; }},
    {"text for the minor version", [](json& d) { d["schema"]["minor"] = "0"; }},
    {"no environment", [](json& d) { d.erase("environment"); }},
    {"no hostname", [](json& d) { d["environment"].erase("hostname"); }},
    {"unknown device kind", [](json& d) { d["environment"]["device_kind"] = "CPU"; }},
    {"fraction of a thread", [](json& d) { d["environment"]["threads"] = 1.5; }},
    {"negative threads", [](json& d) { d["environment"]["threads"] = -1; }},
    {"command line in one string", [](json& d) { d["environment"]["command_line"] = "tensorrt_profiling x"; }},
    {"number as a property", [](json& d) { d["environment"]["properties"]["n"] = 1; }},
    {"text as an opset", [](json& d) { d["model"]["opsets"][""] = "17"; }},
    {"dimension below -1", [](json& d) { d["model"]["inputs"][0]["shape"][0] = -2; }},
    {"tensor without a type", [](json& d) { d["model"]["inputs"][0].erase("element_type"); }},
    {"negative sample", [](json& d) { d["end_to_end"]["total"]["samples"][0] = -0.5; }},
    {"null sample", [](json& d) { d["end_to_end"]["total"]["samples"][0] = nullptr; }},
    {"text sample", [](json& d) { d["end_to_end"]["total"]["samples"][0] = "1 ms"; }},
    {"no total", [](json& d) { d["end_to_end"].erase("total"); }},
    {"summary without a median", [](json& d) { d["end_to_end"]["total"]["summary"].erase("median"); }},
    {"interval without an end", [](json& d) { d["end_to_end"]["total"]["summary"]["median_interval"].erase("high"); }},
    {"unknown stop reason", [](json& d) { d["end_to_end"]["measurement"]["stop_reason"] = "tired"; }},
    {"number for a flag", [](json& d) { d["end_to_end"]["measurement"]["warmup_steady"] = 1; }},
    {"layers in an object", [](json& d) { d["layer_run"]["layers"] = json::object(); }},
    {"layer without a name", [](json& d) { d["layer_run"]["layers"][0].erase("name"); }},
    {"unknown layer class", [](json& d) { d["layer_run"]["layers"][0]["layer_class"] = "Conv"; }},
    {"unknown origin source", [](json& d) { d["layer_run"]["layers"][0]["origin_source"] = "guessed"; }},
    {"origin without a type", [](json& d) { d["layer_run"]["layers"][0]["origin_nodes"][0].erase("op_type"); }},
    {"timeline without a span", [](json& d) { d["timeline"].erase("span"); }},
    {"unknown join", [](json& d) { d["timeline"]["join"] = "guessed"; }},
    {"unknown kind of activity", [](json& d) { d["timeline"]["activities"][0]["kind"] = "call"; }},
    {"activity before the beginning", [](json& d) { d["timeline"]["activities"][0]["start"] = -1e-6; }},
    {"kernel without a launch", [](json& d) { d["timeline"]["kernels"][0].erase("launch"); }},
    {"grid as text", [](json& d) { d["timeline"]["kernels"][0]["launch"]["grid"] = "49x1x1"; }},
    {"counter as text", [](json& d) { d["counters"]["kernels"][0]["values"][0] = "1,500"; }},
    {"unknown counter join", [](json& d) { d["counters"]["join"] = "graph_nodes"; }},
    {"telemetry without phases", [](json& d) { d["telemetry"].erase("phases"); }},
    {"one throttle reason, not a list", [](json& d) { d["telemetry"]["throttle_reasons"] = "sw_power_cap"; }},
    {"text for partial", [](json& d) { d["partial"] = "yes"; }},
    {"null for partial", [](json& d) { d["partial"] = nullptr; }},
    {"one warning, not a list", [](json& d) { d["warnings"] = "noisy"; }},
    {"an array", [](json& d) { d = json::array({d}); }},
};

TEST_F(ProfileSchema, RefusesWhatTheReaderRefuses) {
  std::vector<std::string> documents;
  for (const Mutation& mutation : kRefused) {
    json document = json::parse(profile_to_json(test::full_profile()));
    mutation.apply(document);
    documents.push_back(document.dump());
  }
  const std::vector<std::string> results = verdicts(documents);
  for (std::size_t i = 0; i < kRefused.size(); ++i) {
    EXPECT_NE(results[i], "ok") << "the schema accepts: " << kRefused[i].what;
    EXPECT_FALSE(profile_from_json(documents[i], "p.json").has_value()) << "the reader accepts: " << kRefused[i].what;
  }
}

TEST_F(ProfileSchema, AcceptsWhatTheReaderPutsUpWith) {
  const std::vector<Mutation> accepted = {
      {"an unknown field", [](json& d) { d["model"]["licence"] = "MIT"; }},
      {"a newer minor version", [](json& d) { d["schema"]["minor"] = 9; }},
      {"null for an optional field", [](json& d) { d["environment"]["threads"] = nullptr; }},
      {"null for an optional enumeration", [](json& d) { d["end_to_end"]["measurement"]["stop_reason"] = nullptr; }},
      {"null for an optional part", [](json& d) { d["end_to_end"]["compute"] = nullptr; }},
      {"no layer run", [](json& d) { d.erase("layer_run"); }},
      {"no timeline", [](json& d) { d["timeline"] = nullptr; }},
      {"an activity without a stream", [](json& d) { d["timeline"]["activities"][0].erase("stream"); }},
  };
  std::vector<std::string> documents;
  for (const Mutation& mutation : accepted) {
    json document = json::parse(profile_to_json(test::full_profile()));
    mutation.apply(document);
    documents.push_back(document.dump());
  }
  const std::vector<std::string> results = verdicts(documents);
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    EXPECT_EQ(results[i], "ok") << accepted[i].what;
    EXPECT_TRUE(profile_from_json(documents[i], "p.json").has_value()) << accepted[i].what;
  }
}

}  // namespace
}  // namespace trtprof
