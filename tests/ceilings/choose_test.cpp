#include "trtprof/ceilings/choose.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "trtprof/base/file.h"
#include "trtprof/ceilings/ceilings_json.h"
#include "trtprof/ceilings/device_table.h"
#include "trtprof/ceilings/measured.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Profile profile_of(const std::string& device) {
  Profile profile;
  profile.environment.device_kind = DeviceKind::gpu;
  profile.environment.device_name = device;
  profile.environment.properties = {{"compute capability", "9.0"}, {"multiprocessors", "132"}, {"CUDA driver", "13.0"}};
  return profile;
}

std::string entry(const std::string& device, double value) {
  return R"({"device": ")" + device + R"(", "names": [], "figures": [{"kind": "fp32_peak", "value": )" +
         std::to_string(value) + R"(, "basis": "measured", "source": "s"}]})";
}

class ChooseCeilings : public testing::Test {
 protected:
  std::string file(const std::string& entries) {
    const fs::path path = cache() / "mine.json";
    EXPECT_TRUE(
        write_file(path, R"({"schema": {"name": "trtprof-ceilings", "major": 1}, "devices": [)" + entries + "]}"));
    return path.string();
  }
  void keep(const Profile& profile, DeviceCeilings ceilings) {
    CeilingsRecord record = {*ceilings_key(profile.environment), "2026-01-31T23:59:59Z", "0.1.0", {}};
    record.measured.ceilings = std::move(ceilings);
    ASSERT_TRUE(write_file(ceilings_cache_path(cache(), record.key), record_to_json(record)));
  }
  [[nodiscard]] fs::path cache() const { return temporary_->path(); }
  auto choose(const std::string& option, const Profile& profile) { return choose_ceilings(option, profile, cache()); }

 private:
  Result<TemporaryFolder> temporary_ = TemporaryFolder::create("choose");
};

TEST_F(ChooseCeilings, WhatWasMeasuredHereWithWhatTheTableKnowsBeside) {
  const Profile profile = profile_of("NVIDIA H200");
  const CeilingFigure copies = {CeilingKind::memory_bandwidth, 4.2e12, CeilingBasis::measured, "copies here"};
  keep(profile, {"NVIDIA H200", {"NVIDIA H200"}, {copies}});
  const auto chosen = choose("", profile);
  ASSERT_TRUE(chosen && *chosen);
  EXPECT_EQ(*(*chosen)->find(CeilingKind::memory_bandwidth), copies);
  const CeilingFigure* fp16 = (*chosen)->find(CeilingKind::fp16_peak);
  ASSERT_NE(fp16, nullptr);
  EXPECT_EQ(*fp16, *find_ceilings("NVIDIA H200")->find(CeilingKind::fp16_peak));
}

TEST_F(ChooseCeilings, ElseTheTableElseNothing) {
  const auto known = choose("", profile_of("NVIDIA L4"));
  ASSERT_TRUE(known && *known);
  EXPECT_EQ(**known, *find_ceilings("NVIDIA L4"));
  const auto unknown = choose("", profile_of("NVIDIA L5"));
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(*unknown);
}

TEST_F(ChooseCeilings, MeasuredOfAnotherDriverDoesNotCount) {
  Profile profile = profile_of("NVIDIA L5");
  keep(profile, {"NVIDIA L5", {}, {{CeilingKind::fp32_peak, 1e13, CeilingBasis::measured, "here"}}});
  EXPECT_TRUE(*choose("", profile));
  profile.environment.properties["CUDA driver"] = "12.8";
  EXPECT_FALSE(*choose("", profile));
}

TEST_F(ChooseCeilings, ByNameWhateverRanTheProfile) {
  const auto chosen = choose("nvidia t4", profile_of("NVIDIA H200"));
  ASSERT_TRUE(chosen && *chosen);
  EXPECT_EQ((*chosen)->device, "NVIDIA T4");
}

TEST_F(ChooseCeilings, OfAFileItsOnlyDeviceOrTheOneOfThatName) {
  const auto only = choose(file(entry("My GPU", 1e12)), profile_of("NVIDIA H200"));
  ASSERT_TRUE(only && *only) << only.error().message;
  EXPECT_EQ((*only)->device, "My GPU");
  const std::string two = file(entry("My GPU", 1e12) + "," + entry("NVIDIA L5", 2e12));
  const auto named = choose(two, profile_of("NVIDIA L5"));
  ASSERT_TRUE(named && *named);
  EXPECT_DOUBLE_EQ((*named)->figures.front().value, 2e12);
  const auto neither = choose(two, profile_of("NVIDIA H200"));
  ASSERT_FALSE(neither);
  EXPECT_EQ(neither.error().code, ErrorCode::usage);
  EXPECT_THAT(neither.error().message, HasSubstr("none of its 2 devices has the name 'NVIDIA H200'"));
}

TEST_F(ChooseCeilings, ErrorsNameTheFileOrTheNearestDevice) {
  const Profile profile = profile_of("NVIDIA H200");
  const auto missing = choose((cache() / "no.json").string(), profile);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("no.json"));
  const auto slip = choose("NVIDIA H200 SMX", profile);
  ASSERT_FALSE(slip);
  EXPECT_EQ(slip.error().code, ErrorCode::usage);
  EXPECT_EQ(slip.error().hint, "Did you mean 'NVIDIA H200 SXM'?");
  const auto other = choose("a toaster from the kitchen", profile);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().hint, HasSubstr("NVIDIA L40S"));
}

}  // namespace
}  // namespace trtprof
