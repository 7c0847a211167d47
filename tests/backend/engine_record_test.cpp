#include "trtprof/backend/engine_record.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/engine_fixture.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

using nlohmann::json;
using test::full_engine_record;
using ::testing::HasSubstr;

TEST(EngineRecord, ComesBackAsItWas) {
  for (const EngineRecord& record : {full_engine_record(), EngineRecord{}}) {
    const auto back = engine_record_from_json(engine_record_to_json(record), "r.json");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, record);
  }
}

TEST(EngineRecord, BytesThatAreNoTextDoNotStopTheWriter) {
  EngineRecord record = full_engine_record();
  record.model.path = "/models/\xff.onnx";
  EXPECT_TRUE(engine_record_from_json(engine_record_to_json(record), "r.json"));
}

TEST(EngineRecord, OptionsAsAKeyDifferWhenTheOptionsDo) {
  BuildOptions options;
  const std::string plain = build_options_to_json(options);
  EXPECT_EQ(plain, build_options_to_json(BuildOptions{}));
  options.weak.fp16 = true;
  EXPECT_NE(plain, build_options_to_json(options));
}

struct Mutation {
  const char* what;
  std::function<void(json&)> apply;
};

// What the schema refuses the reader refuses too.
const std::vector<Mutation>& refused_mutations() {
  static const std::vector<Mutation> mutations = {
      {"no schema", [](json& d) { d.erase("schema"); }},
      {"another schema", [](json& d) { d["schema"]["name"] = "trtprof-profile"; }},
      {"newer major", [](json& d) { d["schema"]["major"] = 2; }},
      {"no engine", [](json& d) { d.erase("engine"); }},
      {"no hash", [](json& d) { d["engine"].erase("sha256"); }},
      {"negative size", [](json& d) { d["engine"]["bytes"] = -1; }},
      {"a fraction of a byte", [](json& d) { d["engine"]["bytes"] = 1.5; }},
      {"text as seconds", [](json& d) { d["builder"]["seconds"] = "12"; }},
      {"one warning, not a list", [](json& d) { d["builder"]["warnings"] = "odd"; }},
      {"a number among warnings", [](json& d) { d["builder"]["warnings"][0] = 1; }},
      {"unknown verbosity", [](json& d) { d["options"]["profiling_verbosity"] = "loud"; }},
      {"number for a flag", [](json& d) { d["options"]["refit"] = 1; }},
      {"no options", [](json& d) { d["options"] = json::array(); }},
      {"profile without inputs", [](json& d) { d["options"]["profiles"][0] = json::object(); }},
      {"range without an end", [](json& d) { d["options"]["profiles"][0]["inputs"][0].erase("max"); }},
      {"text in a shape", [](json& d) { d["options"]["profiles"][0]["inputs"][0]["max"][0] = "8"; }},
      {"an array", [](json& d) { d = json::array({d}); }},
  };
  return mutations;
}

class EngineSchema : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.has_value()); }

  test::ProgramResult validated(std::vector<std::string> options, const std::vector<std::string>& documents) {
    std::vector<std::string> command = {test::kPython,
                                        std::string(test::kSourceDir) + "/tests/support/validate_profile.py"};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(std::string(test::kSourceDir) + "/docs/engine.schema.json");
    for (const std::string& document : documents) {
      command.push_back((folder_->path() / (std::to_string(count_++) + ".json")).string());
      EXPECT_TRUE(write_file(command.back(), document));
    }
    return test::run_program(command);
  }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-engine-schema");
  int count_ = 0;
};

TEST_F(EngineSchema, DescribesEveryFieldThatIsWrittenAndNoOther) {
  const auto run = validated({"--complete"}, {engine_record_to_json(full_engine_record())});
  EXPECT_EQ(run.out, "ok\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(EngineSchema, RefusesWhatTheReaderRefuses) {
  std::vector<std::string> documents;
  for (const Mutation& mutation : refused_mutations()) {
    json document = json::parse(engine_record_to_json(full_engine_record()));
    mutation.apply(document);
    documents.push_back(document.dump());
  }
  std::istringstream lines(validated({}, documents).out);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_NE(line, "ok") << "the schema accepts: " << refused_mutations()[i].what;
    const auto record = engine_record_from_json(documents[i], "r.json");
    EXPECT_FALSE(record) << "the reader accepts: " << refused_mutations()[i].what;
    EXPECT_THAT(record ? "" : record.error().message, HasSubstr("r.json"));
  }
}

TEST(EngineRecord, AnUnknownFieldOfANewerMinorVersionIsPassedOver) {
  json document = json::parse(engine_record_to_json(full_engine_record()));
  document["schema"]["minor"] = 4;
  document["builder"]["mood"] = "good";
  const auto record = engine_record_from_json(document.dump(), "r.json");
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(*record, full_engine_record());
}

TEST(EngineRecord, WhatIsNoRecordIsASentence) {
  EXPECT_THAT(engine_record_from_json("", "r.json").error().message, HasSubstr("r.json is not JSON"));
  EXPECT_THAT(engine_record_from_json("{}", "r.json").error().message, HasSubstr("does not describe an engine"));
  EXPECT_THAT(engine_record_from_json(std::string(100000, '['), "r.json").error().message, HasSubstr("not JSON"));
}

}  // namespace
}  // namespace trtprof
