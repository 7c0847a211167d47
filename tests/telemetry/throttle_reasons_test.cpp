#include "trtprof/telemetry/throttle_reasons.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

// Bits as in NVML's reference: nvmlClocksEventReasonSwPowerCap 0x4, HwThermalSlowdown 0x40.
TEST(ThrottleReasons, HaveNvmlsNames) {
  EXPECT_EQ(throttle_reason_name(0), "gpu_idle");
  EXPECT_EQ(throttle_reason_name(2), "sw_power_cap");
  EXPECT_EQ(throttle_reason_name(5), "sw_thermal_slowdown");
  EXPECT_EQ(throttle_reason_name(6), "hw_thermal_slowdown");
  EXPECT_EQ(throttle_reason_name(8), "display_clock_setting");
  EXPECT_EQ(throttle_reason_name(10), "reliability");
}

TEST(ThrottleReasons, AnUnknownBitIsANumber) {
  EXPECT_EQ(throttle_reason_name(11), "bit 11");
  EXPECT_EQ(throttle_reason_name(63), "bit 63");
}

}  // namespace
}  // namespace trtprof
