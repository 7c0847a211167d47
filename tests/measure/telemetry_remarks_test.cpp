#include "trtprof/measure/telemetry_remarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Telemetry with_clocks(const std::vector<double>& megahertz) {
  Telemetry telemetry;
  telemetry.phases = {{"end to end", 0.0, static_cast<double>(megahertz.size()), 100, std::nullopt}};
  TelemetrySeries series{"sm_clock", "Hz", {}, {}};
  for (std::size_t i = 0; i < megahertz.size(); ++i) {
    series.times.push_back(static_cast<double>(i));
    series.values.push_back(megahertz[i] * 1e6);
  }
  telemetry.series = {series};
  return telemetry;
}

TEST(TelemetryRemarks, ASteadyClockIsNoWarning) {
  EXPECT_THAT(telemetry_remarks(with_clocks(std::vector<double>(100, 1980.0))).warnings, IsEmpty());
  std::vector<double> nearly(100, 1980.0);
  for (std::size_t i = 0; i < 50; ++i) nearly[i] = 1980.0 * 0.981;
  EXPECT_THAT(telemetry_remarks(with_clocks(nearly)).warnings, IsEmpty());
}

TEST(TelemetryRemarks, AChangedClockIsAWarningWithItsFigures) {
  std::vector<double> falling(100, 1980.0);
  for (std::size_t i = 60; i < 100; ++i) falling[i] = 1881.0;
  const Remarks remarks = telemetry_remarks(with_clocks(falling));
  EXPECT_THAT(remarks.warnings, ElementsAre(AllOf(HasSubstr("5.0 %"), HasSubstr("between 1881 and 1980 MHz"))));
}

TEST(TelemetryRemarks, OneReadingInAPauseIsNoChange) {
  std::vector<double> clocks(100, 1980.0);
  clocks[50] = 345.0;
  EXPECT_THAT(telemetry_remarks(with_clocks(clocks)).warnings, IsEmpty());
}

TEST(TelemetryRemarks, WhatWasSampledBetweenRunsDoesNotCount) {
  Telemetry telemetry = with_clocks({345.0, 345.0, 1980.0, 1980.0, 1980.0, 345.0});
  telemetry.phases = {{"end to end", 1.5, 4.5, 100, std::nullopt}};
  EXPECT_THAT(telemetry_remarks(telemetry).warnings, IsEmpty());
}

TEST(TelemetryRemarks, LimitsHaveTheirShareAndName) {
  Telemetry telemetry;
  telemetry.throttle_reasons = {{"gpu_idle", 0.1}, {"sw_power_cap", 0.125}, {"sw_thermal_slowdown", 0.5}};
  EXPECT_THAT(telemetry_remarks(telemetry).warnings,
              ElementsAre(AllOf(HasSubstr("power limit for 12.5 %"), HasSubstr("(sw_power_cap)")),
                          AllOf(HasSubstr("temperature for 50.0 %"), HasSubstr("(sw_thermal_slowdown)"))));
}

TEST(TelemetryRemarks, HardwareSlowdownIsSaidOnce) {
  Telemetry telemetry;
  telemetry.throttle_reasons = {{"hw_slowdown", 1.0}};
  EXPECT_THAT(telemetry_remarks(telemetry).warnings, ElementsAre(HasSubstr("hw_slowdown")));
  telemetry.throttle_reasons = {{"hw_slowdown", 1.0}, {"hw_thermal_slowdown", 1.0}};
  EXPECT_THAT(telemetry_remarks(telemetry).warnings, ElementsAre(HasSubstr("hw_thermal_slowdown")));
}

TEST(TelemetryRemarks, NoTelemetryNoRemark) {
  EXPECT_EQ(telemetry_remarks(Telemetry{}), Remarks{});
}

}  // namespace
}  // namespace trtprof
