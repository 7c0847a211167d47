#include "trtprof/import/profile_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/foreign_files.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ProfileImport : public ::testing::Test {
 protected:
  ForeignFiles files_;
  nlohmann::json document_ = nlohmann::json::parse(text_of_file(real_file("mnv2_b1_fp16_counted.profile.json")));
};

TEST_F(ProfileImport, IsTheProfileAndItsLayersNames) {
  const auto imported = read_profile(real_file("mnv2_b1_fp16_counted.profile.json"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_TRUE(imported->profile == load_profile(real_file("mnv2_b1_fp16_counted.profile.json"))->profile);
  ASSERT_THAT(imported->layer_names, SizeIs(57));
  EXPECT_EQ(imported->layer_names.front(), imported->profile.layer_run->layers.front().name);
}

// 1.0 had neither a timeline nor telemetry.
TEST_F(ProfileImport, ReadsOlderMinorVersions) {
  document_["schema"]["minor"] = 0;
  document_.erase("timeline");
  document_.erase("telemetry");
  const auto imported = read_profile(files_.write("old.json", document_.dump()));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->profile.schema_minor, 0);
  EXPECT_FALSE(imported->profile.timeline);
  EXPECT_THAT(imported->profile.layer_run->layers, SizeIs(57));
}

TEST_F(ProfileImport, NotesWhatANewerMinorVersionAdded) {
  document_["schema"]["minor"] = 99;
  document_["colour"] = "blue";
  const auto imported = read_profile(files_.write("new.json", document_.dump()));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->notes, Contains(HasSubstr("/colour is not known to this version")));
}

TEST_F(ProfileImport, RefusesOtherMajorVersionsWithTheirNumber) {
  for (const int major : {0, 2}) {
    document_["schema"]["major"] = major;
    const auto imported = read_profile(files_.write("other.json", document_.dump()));
    ASSERT_FALSE(imported);
    EXPECT_THAT(imported.error().message, HasSubstr("has profile schema version " + std::to_string(major) + "."));
  }
}

TEST_F(ProfileImport, IsRecognisedWhereverTheSchemaStandsInTheBeginning) {
  EXPECT_TRUE(is_profile(R"({"environment": {}, "schema": {"name": "trtprof-profile", "major": 1)"));
  EXPECT_FALSE(is_profile(R"({"note": "trtprof-profile"})"));
  EXPECT_FALSE(is_profile(R"({"schema": {"name": "other"}})"));
}

}  // namespace
}  // namespace trtprof::test
