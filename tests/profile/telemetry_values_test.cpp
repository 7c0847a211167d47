#include "trtprof/profile/telemetry_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Telemetry sampled() {
  Telemetry telemetry;
  telemetry.series = {{"power", "W", {0.0, 1.0, 2.0, 3.0, 4.0}, {50.0, 400.0, 300.0, 60.0, 500.0}}};
  telemetry.phases = {{"end to end", 1.0, 2.5, 10, 4.0}, {"layers", 3.5, 4.0, 0, 4.0}, {"timeline", 5.0, 6.0, 3, {}}};
  telemetry.throttle_reasons = {{"sw_power_cap", 0.25}};
  return telemetry;
}

TEST(TelemetryValues, AreThoseOfThePhasesInAscendingOrder) {
  EXPECT_THAT(values_during_phases(sampled(), "power"), ElementsAre(300.0, 400.0, 500.0));
  EXPECT_THAT(values_during_phases(sampled(), "sm_clock"), IsEmpty());
}

TEST(TelemetryValues, WithoutPhasesAreAll) {
  Telemetry telemetry = sampled();
  telemetry.phases.clear();
  EXPECT_EQ(values_during_phases(telemetry, "power").size(), 5U);
}

TEST(TelemetryValues, EnergyIsSharedAmongTheInferences) {
  const Telemetry telemetry = sampled();
  EXPECT_EQ(energy_per_inference(telemetry.phases[0]), 0.4);
  EXPECT_EQ(energy_per_inference(telemetry.phases[1]), std::nullopt);  // no inference
  EXPECT_EQ(energy_per_inference(telemetry.phases[2]), std::nullopt);  // no energy
}

TEST(TelemetryValues, AReasonThatWasNeverInForceHasNoShare) {
  EXPECT_EQ(throttled_fraction(sampled(), "sw_power_cap"), 0.25);
  EXPECT_EQ(throttled_fraction(sampled(), "hw_slowdown"), 0.0);
}

TEST(TelemetryValues, TheFirstQuantityThatWasSampledIsTaken) {
  const auto found = first_sampled(sampled(), {"package_power", "power", "average_power"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->quantity, "power");
  EXPECT_EQ(found->values.size(), 3U);
  EXPECT_FALSE(first_sampled(sampled(), {"package_power"}));
}

}  // namespace
}  // namespace trtprof
