#include "trtprof/compare/setting_changes.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "support/stored_profile.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<SettingChange> changes(const Profile& a, const Profile& b) {
  return setting_changes(std::span(&a, 1), std::span(&b, 1));
}

TEST(SettingChanges, OfOneProfileWithItselfAreNone) {
  const Profile profile = full_profile();
  EXPECT_THAT(changes(profile, profile), IsEmpty());
}

TEST(SettingChanges, NameWhatWasSetOtherwise) {
  const Profile stream = stored_profile("mobilenetv2_b1_stream");
  const Profile graph = stored_profile("mobilenetv2_b1_graph");
  EXPECT_THAT(changes(stream, graph), ElementsAre(SettingChange{"CUDA graph", "off", "on"}));
}

TEST(SettingChanges, SeeTheSeedOnTheCommandLine) {
  const Profile a = full_profile();
  Profile b = a;
  b.environment.command_line.insert(b.environment.command_line.end(), {"--seed", "7"});
  EXPECT_THAT(changes(a, b), Contains(SettingChange{"seed of the inputs", "1", "7"}));
}

TEST(SettingChanges, AClockDiffersFromTwoPercentOn) {
  Profile a = gpu_profile();
  a.telemetry = Telemetry{};
  a.telemetry->series = {{"sm_clock", "Hz", {0.0, 1.0}, {1.75e9, 1.75e9}}};
  Profile b = a;
  b.telemetry->series[0].values = {1.74e9, 1.74e9};
  EXPECT_THAT(changes(a, b), IsEmpty());
  b.telemetry->series[0].values = {1.40e9, 1.40e9};
  EXPECT_THAT(changes(a, b), Contains(SettingChange{"SM clock", "1750 MHz", "1400 MHz"}));
}

TEST(MixedLaunches, AreFoundByWhatRanAndBuildsAreNotMixed) {
  Profile one = stored_profile("mobilenetv2_b1_graph");
  Profile other = one;
  other.model.sha256 = "another build";
  EXPECT_THAT(mixed_launches(std::array{one, other}), IsEmpty());
  other.environment.precision = "f32";
  EXPECT_THAT(mixed_launches(std::array{one, other}), ElementsAre(SettingChange{"precision", "f16", "f32"}));
  Profile onnx = stored_profile("mobilenetv2_cpu");
  Profile edited = onnx;
  edited.model.sha256 = "0000";
  EXPECT_EQ(mixed_launches(std::array{onnx, edited}).size(), 1U);
}

}  // namespace
}  // namespace trtprof::test
