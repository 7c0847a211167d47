#include "trtprof/telemetry/sampler.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <new>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/fake_nvml.h"
#include "trtprof/telemetry/nvml_source.h"

namespace trtprof {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void sleep(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

TelemetrySource counting(std::atomic<int>& reads) {
  TelemetrySource source;
  source.default_period = 0.002;
  source.sensors = {{"sm_clock", "Hz", false, [&reads] { return std::optional<double>(++reads); }}};
  return source;
}

TEST(TelemetrySampler, SamplesWithItsPeriodFromTheEpochOn) {
  std::atomic<int> reads = 0;
  const double epoch = steady_seconds();
  TelemetrySampler sampler(counting(reads), std::nullopt, &steady_seconds, epoch);
  sleep(0.2);
  const Telemetry telemetry = sampler.finish();
  const double end = steady_seconds() - epoch;
  EXPECT_EQ(telemetry.period_seconds, 0.002);
  ASSERT_THAT(telemetry.series, SizeIs(1));
  // A busy machine may delay rounds, never double them.
  EXPECT_THAT(telemetry.series[0].values, SizeIs(AllOf(Ge(5U), Le(static_cast<std::size_t>(end / 0.002) + 2))));
  EXPECT_THAT(telemetry.series[0].times, Each(AllOf(Ge(0.0), Le(end))));
  EXPECT_TRUE(std::ranges::is_sorted(telemetry.series[0].times));
  const int after = reads;
  sleep(0.02);
  EXPECT_EQ(reads, after);  // nothing goes on
}

TEST(TelemetrySampler, TakesThePeriodThatIsAskedFor) {
  std::atomic<int> reads = 0;
  TelemetrySampler sampler(counting(reads), 0.05, &steady_seconds, steady_seconds());
  sleep(0.12);
  EXPECT_EQ(sampler.finish().period_seconds, 0.05);
  EXPECT_THAT(reads.load(), AllOf(Ge(1), Le(5)));
}

TEST(TelemetrySampler, EndsAtOnceInTheMiddleOfALongPeriod) {
  std::atomic<int> reads = 0;
  const double start = steady_seconds();
  {
    TelemetrySampler sampler(counting(reads), 60.0, &steady_seconds, start);
    sleep(0.01);
  }
  EXPECT_LT(steady_seconds() - start, 10.0);
}

TEST(TelemetrySampler, MarksPhases) {
  std::atomic<int> reads = 0;
  TelemetrySampler sampler(counting(reads), std::nullopt, &steady_seconds, steady_seconds());
  sampler.begin_phase("end to end");
  sleep(0.02);
  sampler.end_phase(7);
  const Telemetry telemetry = sampler.finish();
  ASSERT_THAT(telemetry.phases, SizeIs(1));
  EXPECT_EQ(telemetry.phases[0].inferences, 7);
  EXPECT_GE(telemetry.phases[0].end - telemetry.phases[0].start, 0.02);
}

TEST(TelemetrySampler, AnEmptySourceNeedsNoThread) {
  TelemetrySource source;
  source.facts.missing = {"no library"};
  TelemetrySampler sampler(source, std::nullopt, &steady_seconds, steady_seconds());
  sampler.begin_phase("end to end");
  sampler.end_phase(1);
  const Telemetry telemetry = sampler.finish();
  EXPECT_THAT(telemetry.missing, ElementsAre("no library"));
  EXPECT_THAT(telemetry.series, IsEmpty());
}

TEST(TelemetrySampler, AnExceptionEndsTheSamplingNotTheProgram) {
  TelemetrySource source;
  source.sensors = {{"sm_clock", "Hz", false, []() -> std::optional<double> { throw std::bad_alloc(); }}};
  TelemetrySampler sampler(source, 0.001, &steady_seconds, steady_seconds());
  sleep(0.02);
  EXPECT_THAT(sampler.finish().missing, Contains(HasSubstr("sampling ended early")));
}

// The program's handlers of SIGINT run in the threads that it knows.
TEST(TelemetrySampler, TheThreadTakesNoSignals) {
  TelemetrySource source;
  std::atomic<int> blocked = -1;
  source.sensors = {{"sm_clock", "Hz", false, [&blocked]() -> std::optional<double> {
                       sigset_t set{};
                       pthread_sigmask(SIG_SETMASK, nullptr, &set);
                       blocked = sigismember(&set, SIGINT) + sigismember(&set, SIGTERM);
                       return 1.0;
                     }}};
  TelemetrySampler sampler(source, 0.001, &steady_seconds, steady_seconds());
  for (int i = 0; i < 1000 && blocked < 0; ++i) sleep(0.005);
  EXPECT_EQ(blocked, 2);
  sigset_t here{};
  pthread_sigmask(SIG_SETMASK, nullptr, &here);
  EXPECT_EQ(sigismember(&here, SIGINT), 0);
}

TEST(TelemetrySampler, WatchesAGpu) {
  const test::FakeNvml fake("power=250000;reasons=4;energy_step_ms=1");
  const double epoch = steady_seconds();
  TelemetrySampler sampler(nvml_source("0000:1b:00.0", test::kFakeNvml), 0.005, &steady_seconds, epoch);
  sampler.begin_phase("end to end");
  sleep(0.5);
  sampler.end_phase(100);
  const Telemetry telemetry = sampler.finish();
  ASSERT_THAT(telemetry.phases, SizeIs(1));
  const TelemetryPhase& phase = telemetry.phases[0];
  ASSERT_TRUE(phase.energy_joules) << testing::PrintToString(telemetry.missing);
  EXPECT_NEAR(*phase.energy_joules, 250.0 * (phase.end - phase.start), 25.0 * (phase.end - phase.start));
  ASSERT_THAT(telemetry.throttle_reasons, SizeIs(1));
  EXPECT_EQ(telemetry.throttle_reasons[0].name, "sw_power_cap");
  EXPECT_EQ(telemetry.throttle_reasons[0].fraction, 1.0);
  EXPECT_THAT(telemetry.missing, IsEmpty());
}

}  // namespace
}  // namespace trtprof
