#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

RuleAnswer answer(Profile profile, const std::string& sample = "mobilenetv2", std::int64_t batch = 1) {
  const DiagnosedSubject subject(std::move(profile), sample, batch);
  return rules::throttling(subject.get());
}

void set_clocks(Profile& profile, const std::vector<double>& clocks) {
  for (TelemetrySeries& series : profile.telemetry->series) {
    if (series.quantity != "sm_clock") continue;
    for (std::size_t i = 0; i < series.values.size(); ++i) series.values[i] = clocks[i % clocks.size()];
  }
}

TEST(ThrottlingRule, AtItsHighestClockTheDeviceWasNotHeldBack) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("the clock was 1980 MHz of 1980 MHz"));
  EXPECT_THAT(result.why_not, HasSubstr("of 700 W"));
}

TEST(ThrottlingRule, APowerCapIsFoundWhereTheProfileIsChangedToIt) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  profile.telemetry->throttle_reasons = {{"sw_power_cap", 0.8}};
  set_clocks(profile, {1485e6});
  const RuleAnswer result = answer(std::move(profile), "mobilenetv2", 64);
  ASSERT_GE(result.findings.size(), 1U) << result.why_not;
  EXPECT_THAT(result.findings[0].title, HasSubstr("a power limit held the device back for 80.0%"));
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("700 W"));
  ASSERT_TRUE(result.findings[0].gain);
  EXPECT_NEAR(result.findings[0].gain->high, 0.25 * 980.9e-6, 1e-6);  // a quarter below its highest clock
  EXPECT_THAT(result.findings[0].commands[0], HasSubstr("--lock-clocks"));
}

TEST(ThrottlingRule, HeatAndALowClockAreFoundWhereTheProfileIsChangedToThem) {
  Profile hot = stored_profile("mobilenetv2_b1_graph");
  hot.telemetry->throttle_reasons = {{"hw_thermal_slowdown", 0.5}};
  const RuleAnswer heat = answer(std::move(hot));
  ASSERT_EQ(heat.findings.size(), 1U);
  EXPECT_THAT(heat.findings[0].title, HasSubstr("heat"));
  EXPECT_FALSE(heat.findings[0].gain);  // its clock was the highest all the same
  Profile slow = stored_profile("mobilenetv2_b1_graph");
  set_clocks(slow, {990e6});
  const RuleAnswer clock = answer(slow);
  ASSERT_EQ(clock.findings.size(), 1U);
  EXPECT_THAT(clock.findings[0].title, HasSubstr("50.0% below its highest"));
  slow.telemetry->locked_sm_clock_hz = 990e6;
  EXPECT_THAT(answer(std::move(slow)).findings, IsEmpty());  // where it was wanted
}

TEST(ThrottlingRule, AnUnstableClockIsADoubtWhereTheProfileIsChangedToIt) {
  Profile profile = stored_profile("transfer_stream");
  set_clocks(profile, {1980e6, 1980e6, 1780e6});
  const RuleAnswer result = answer(std::move(profile), "transfer");
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  EXPECT_THAT(result.findings[0].title, HasSubstr("the clock moved by 10.1%"));
  EXPECT_EQ(result.findings[0].severity, Severity::major);
}

TEST(ThrottlingRule, SaysWhatTheTelemetryLacks) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_cpu")).why_not, HasSubstr("cpufreq"));
  EXPECT_THAT(answer(stored_profile("resnet50"), "mobilenetv2").why_not, HasSubstr("--no-telemetry"));
}

TEST(ThrottlingRule, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::throttling(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
