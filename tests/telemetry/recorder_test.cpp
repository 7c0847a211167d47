#include "trtprof/telemetry/recorder.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using testing::AllOf;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

constexpr double kPeriod = 0.02;

// A GPU whose numbers the test sets.
class Recorder : public testing::Test {
 protected:
  TelemetrySource source(const char* power = kPower) {
    TelemetrySource source;
    source.facts.source = "NVML 580.1.2";
    source.facts.missing = {"a sentence"};
    source.sensors = {{"sm_clock", "Hz", false, [this] { return clock_; }},
                      {"temperature", "degC", true, [this] { return std::optional(temperature_); }},
                      {power, "W", false, [this] { return std::optional(power_); }}};
    source.throttle_mask = [this] { return std::optional(mask_); };
    source.energy_joules = [this] { return energy_; };
    source.energy_name = "the GPU's energy counter";
    return source;
  }

  // Rounds until `end`; the counter, if it is one, follows the power in steps of `step`.
  void run_until(TelemetryRecorder& recorder, double end, double step = 1e-6) {
    while (now_ + recorder.period() <= end + 1e-9) {
      now_ += recorder.period();
      if (energy_) energy_ = power_ * step * std::floor(now_ / step + 1e-9);
      recorder.round(now_);
    }
  }

  double now_ = 0.0;
  std::optional<double> clock_ = 1.5e9;
  double temperature_ = 40.0;
  double power_ = 300.0;
  std::uint64_t mask_ = 0;
  std::optional<double> energy_ = 0.0;
};

TEST_F(Recorder, SamplesEachSeriesAndSlowOnesRarely) {
  TelemetryRecorder recorder(source(), kPeriod);
  recorder.round(0.0);
  run_until(recorder, 0.4);
  const Telemetry telemetry = recorder.finish();
  ASSERT_EQ(telemetry.series.size(), 3U);
  EXPECT_EQ(telemetry.series[0].quantity, "sm_clock");
  EXPECT_EQ(telemetry.series[0].values.size(), 21U);
  EXPECT_DOUBLE_EQ(telemetry.series[0].times[1], 0.02);
  EXPECT_EQ(telemetry.series[1].quantity, "temperature");
  EXPECT_EQ(telemetry.series[1].values.size(), 3U);
  EXPECT_EQ(telemetry.period_seconds, kPeriod);
  EXPECT_EQ(telemetry.source, "NVML 580.1.2");
}

TEST_F(Recorder, ThinsOutAndSamplesMoreRarelyWhenASeriesIsFull) {
  TelemetryRecorder recorder(source(), kPeriod, 100);
  run_until(recorder, 1.98);
  EXPECT_EQ(recorder.period(), kPeriod);
  run_until(recorder, 2.0);
  EXPECT_EQ(recorder.period(), 2 * kPeriod);
  run_until(recorder, 100.0);
  const Telemetry telemetry = recorder.finish();
  const TelemetrySeries& clock = telemetry.series.front();
  EXPECT_LT(clock.values.size(), 100U);
  EXPECT_GE(clock.values.size(), 49U);
  EXPECT_EQ(clock.times.size(), clock.values.size());
  EXPECT_DOUBLE_EQ(clock.times.front(), 0.02);
  EXPECT_GT(clock.times.back(), 98.0);
  EXPECT_TRUE(std::ranges::is_sorted(clock.times));
  EXPECT_EQ(telemetry.period_seconds, kPeriod);
}

TEST_F(Recorder, AReadingThatFailsLeavesNoPointAndIsCounted) {
  TelemetryRecorder recorder(source(), kPeriod);
  run_until(recorder, 0.2);
  clock_.reset();
  run_until(recorder, 0.3);
  const Telemetry telemetry = recorder.finish();
  EXPECT_EQ(telemetry.series[0].values.size(), 10U);
  EXPECT_THAT(telemetry.missing, ElementsAre("a sentence", "sm_clock could not be read 5 of 15 times"));
}

TEST_F(Recorder, PhasesHaveTheirBoundsInferencesAndEnergyByTheCounter) {
  TelemetryRecorder recorder(source(), kPeriod);
  run_until(recorder, 1.0);
  recorder.begin_phase("end to end", 1.0);
  run_until(recorder, 3.0);
  recorder.end_phase(3.0, 600);
  const Telemetry telemetry = recorder.finish();
  ASSERT_EQ(telemetry.phases.size(), 1U);
  EXPECT_EQ(telemetry.phases[0].name, "end to end");
  EXPECT_EQ(telemetry.phases[0].start, 1.0);
  EXPECT_EQ(telemetry.phases[0].end, 3.0);
  EXPECT_EQ(telemetry.phases[0].inferences, 600);
  EXPECT_THAT(telemetry.phases[0].energy_joules, Optional(DoubleNear(600.0, 1e-3)));
  EXPECT_EQ(telemetry.energy_source, "the GPU's energy counter");
  EXPECT_THAT(telemetry.missing, ElementsAre("a sentence"));
}

// A counter that moves every 0.1 s is 20 steps fine only after 2 s.
TEST_F(Recorder, ACounterTooCoarseForThePhaseGivesWayToThePower) {
  TelemetryRecorder recorder(source(), kPeriod);
  recorder.begin_phase("short", 0.0);
  run_until(recorder, 1.0, 0.1);
  recorder.end_phase(1.0, 10);
  recorder.begin_phase("long", 1.0);
  run_until(recorder, 4.0, 0.1);
  recorder.end_phase(4.0, 30);
  const Telemetry telemetry = recorder.finish();
  EXPECT_THAT(telemetry.phases[0].energy_joules, Optional(DoubleNear(300.0, 1e-6)));
  EXPECT_THAT(telemetry.phases[1].energy_joules, Optional(DoubleNear(900.0, 1e-6)));
  EXPECT_EQ(telemetry.energy_source, "short: the power, integrated; long: the GPU's energy counter");
}

TEST_F(Recorder, TheStepOfTheCounterMayBeKnown) {
  TelemetrySource with_step = source();
  with_step.energy_update_seconds = 1e-3;
  TelemetryRecorder recorder(with_step, kPeriod);
  energy_ = 0.0;
  recorder.begin_phase("end to end", 0.0);
  energy_ = 9.0;
  recorder.end_phase(0.03, 3);
  recorder.begin_phase("layers", 0.03);
  recorder.end_phase(0.04, 3);
  const Telemetry telemetry = recorder.finish();
  EXPECT_EQ(telemetry.phases[0].energy_joules, 9.0);
  EXPECT_EQ(telemetry.phases[1].energy_joules, std::nullopt);  // 10 steps
}

// A ramp from 100 W to 300 W in a second is 200 J.
TEST_F(Recorder, IntegratesThePowerWithoutACounter) {
  TelemetrySource without = source();
  without.energy_joules = nullptr;
  TelemetryRecorder recorder(without, kPeriod);
  recorder.begin_phase("end to end", 0.0);
  for (int i = 0; i <= 50; ++i) {
    power_ = 100.0 + 4.0 * i;
    recorder.round(0.02 * i);
  }
  recorder.end_phase(1.0, 10);
  const Telemetry telemetry = recorder.finish();
  EXPECT_THAT(telemetry.phases[0].energy_joules, Optional(DoubleNear(200.0, 1e-9)));
  EXPECT_EQ(telemetry.energy_source, "the power, integrated");
}

TEST_F(Recorder, ThinningOutDoesNotChangeTheEnergy) {
  TelemetrySource without = source();
  without.energy_joules = nullptr;
  TelemetryRecorder recorder(without, kPeriod, 10);
  recorder.begin_phase("end to end", 0.0);
  run_until(recorder, 60.0);
  recorder.end_phase(60.0, 10);
  EXPECT_GT(recorder.period(), 1.0);
  EXPECT_THAT(recorder.finish().phases[0].energy_joules, Optional(DoubleNear(18000.0, 1e-6)));
}

TEST_F(Recorder, AnAverageOverASecondNeedsALongerPhase) {
  TelemetrySource without = source(kAveragePower);
  without.energy_joules = nullptr;
  TelemetryRecorder recorder(without, kPeriod);
  recorder.begin_phase("end to end", 0.0);
  run_until(recorder, 4.0);
  recorder.end_phase(4.0, 10);
  recorder.begin_phase("layers", 4.0);
  run_until(recorder, 10.0);
  recorder.end_phase(10.0, 10);
  const Telemetry telemetry = recorder.finish();
  EXPECT_EQ(telemetry.phases[0].energy_joules, std::nullopt);
  EXPECT_TRUE(telemetry.phases[1].energy_joules);
}

TEST_F(Recorder, APhaseTooShortForAnyEnergySaysSo) {
  TelemetryRecorder recorder(source(), kPeriod);
  recorder.begin_phase("layers", 0.0);
  run_until(recorder, 0.1, 0.1);
  recorder.end_phase(0.1, 4);
  const Telemetry telemetry = recorder.finish();
  EXPECT_EQ(telemetry.phases[0].energy_joules, std::nullopt);
  EXPECT_EQ(telemetry.energy_source, "");
  EXPECT_THAT(telemetry.missing,
              ElementsAre("a sentence", AllOf(HasSubstr("energy of \"layers\": 0.1 s are too short"),
                                              HasSubstr("moved 1 times"), HasSubstr("read 5 times"))));
}

TEST_F(Recorder, APhaseShorterThanThePeriodHasAReadingAllTheSame) {
  TelemetryRecorder recorder(source(), kPeriod);
  recorder.begin_phase("end to end", 0.0);
  recorder.end_phase(0.001, 1);
  const Telemetry telemetry = recorder.finish();
  ASSERT_FALSE(telemetry.series.empty());
  EXPECT_THAT(telemetry.series[0].times, ElementsAre(0.001));
}

TEST_F(Recorder, ThrottleReasonsAreSharesOfTheTimeOfPhases) {
  TelemetryRecorder recorder(source(), kPeriod);
  mask_ = 0x1;  // idle, between phases
  run_until(recorder, 1.0);
  recorder.begin_phase("end to end", 1.0);
  mask_ = 0x4;
  run_until(recorder, 1.5);
  mask_ = 0x44;
  run_until(recorder, 2.0);
  mask_ = 0x0;
  run_until(recorder, 3.0);
  recorder.end_phase(3.0, 100);
  const Telemetry telemetry = recorder.finish();
  ASSERT_EQ(telemetry.throttle_reasons.size(), 2U);
  EXPECT_EQ(telemetry.throttle_reasons[0].name, "sw_power_cap");
  EXPECT_NEAR(telemetry.throttle_reasons[0].fraction, 0.5, 0.011);
  EXPECT_EQ(telemetry.throttle_reasons[1].name, "hw_thermal_slowdown");
  EXPECT_NEAR(telemetry.throttle_reasons[1].fraction, 0.25, 0.011);
}

TEST_F(Recorder, AnEmptySourceGivesPhasesAndWhatIsMissing) {
  TelemetrySource empty;
  empty.facts.missing = {"no library"};
  TelemetryRecorder recorder(empty, kPeriod);
  recorder.begin_phase("end to end", 1.0);
  recorder.end_phase(2.0, 10);
  const Telemetry telemetry = recorder.finish();
  EXPECT_THAT(telemetry.series, IsEmpty());
  EXPECT_EQ(telemetry.phases.size(), 1U);
  EXPECT_THAT(telemetry.missing, ElementsAre("no library"));
}

}  // namespace
}  // namespace trtprof
