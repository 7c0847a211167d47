#include "trtprof/diagnose/held_back.h"

#include <vector>

#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/stored_profile.h"

namespace trtprof::test {
namespace {

Profile with(std::vector<ThrottleReason> reasons, double clock = 1.98e9) {
  Profile profile = bare_profile();
  profile.telemetry = Telemetry{};
  profile.telemetry->throttle_reasons = std::move(reasons);
  profile.telemetry->max_sm_clock_hz = 1.98e9;
  profile.telemetry->power_limit_watts = 700.0;
  profile.telemetry->series = {{"sm_clock", "Hz", {0.0, 0.1, 0.2}, {clock, clock, clock}}};
  return profile;
}

TEST(HeldBack, ByThePowerCap) {
  const auto found = held_back(with({{"sw_power_cap", 0.6}, {"gpu_idle", 0.3}}, 1.5e9));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].by, HeldBackBy::power);
  EXPECT_DOUBLE_EQ(found[0].fraction, 0.6);
  EXPECT_EQ(found[0].evidence[0], (Evidence{"sw_power_cap, of the time sampled", 0.6, "1", {}}));
  EXPECT_EQ(found[0].evidence[1], (Evidence{"power limit", 700.0, "W", {}}));
}

TEST(HeldBack, ByTheTemperatureToo) {
  const auto found = held_back(with({{"sw_power_cap", 0.2}, {"hw_thermal_slowdown", 0.5}}));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].by, HeldBackBy::temperature);
}

TEST(HeldBack, BySomethingThatNobodyNames) {
  const auto found = held_back(with({}, 1.2e9));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].by, HeldBackBy::clock);
  EXPECT_NEAR(found[0].fraction, 0.394, 0.001);
}

TEST(HeldBack, NotByAClockThatWasLocked) {
  Profile profile = with({}, 1.2e9);
  profile.telemetry->locked_sm_clock_hz = 1.2e9;
  EXPECT_TRUE(held_back(profile).empty());
}

TEST(HeldBack, NotByAMomentNorByIdling) {
  EXPECT_TRUE(held_back(with({{"sw_power_cap", 0.05}, {"gpu_idle", 0.9}})).empty());
  EXPECT_TRUE(held_back(with({}, 1.95e9)).empty());
  EXPECT_TRUE(held_back(bare_profile()).empty());
  EXPECT_TRUE(held_back(stored_profile("mobilenetv2_b64_graph")).empty());
}

}  // namespace
}  // namespace trtprof::test
