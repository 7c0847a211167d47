#include "trtprof/measure/stop_rule.h"

#include <ctime>
#include <string>

#include <gtest/gtest.h>

#include "streams.h"

namespace trtprof {
namespace {

using namespace test;

struct Outcome {
  StopReason reason;
  std::int64_t count;
  double elapsed;
  StopRule rule;
};

// Time passes by the samples themselves.
Outcome run(const StopRuleOptions& options, Stream stream) {
  StopRule rule(options);
  double elapsed = 0.0;
  for (;;) {
    const double sample = stream();
    elapsed += sample;
    if (const auto reason = rule.add(sample, elapsed)) {
      const auto count = static_cast<std::int64_t>(rule.samples().size());
      return {*reason, count, elapsed, std::move(rule)};
    }
  }
}

StopRuleOptions without_minimum_time() {
  StopRuleOptions options;
  options.min_seconds = 0.0;
  return options;
}

TEST(StopRule, ConstantTimesConvergeAtTheMinimumNumber) {
  const Outcome outcome = run(without_minimum_time(), constant(1e-3));
  EXPECT_EQ(outcome.reason, StopReason::converged);
  EXPECT_EQ(outcome.count, 30);
  EXPECT_EQ(outcome.rule.relative_half_width(), 0.0);
  EXPECT_EQ(outcome.rule.current_median(), 1e-3);
}

TEST(StopRule, ConstantTimesConvergeAtTheMinimumTime) {
  const Outcome outcome = run({}, constant(1.0 / 1024));
  EXPECT_EQ(outcome.reason, StopReason::converged);
  EXPECT_EQ(outcome.elapsed, 1.0);
}

TEST(StopRule, LowNoiseConvergesWithinTheTarget) {
  const Outcome outcome = run(without_minimum_time(), noisy(1e-3, 0.02, 1));
  EXPECT_EQ(outcome.reason, StopReason::converged);
  EXPECT_LE(outcome.rule.relative_half_width().value(), 0.01);
  EXPECT_LT(outcome.count, 100);
}

TEST(StopRule, MoreNoiseTakesMoreSamples) {
  const auto quiet = run(without_minimum_time(), noisy(1e-3, 0.05, 2));
  const auto loud = run(without_minimum_time(), noisy(1e-3, 0.20, 2));
  EXPECT_EQ(loud.reason, StopReason::converged);
  // The interval narrows with the square root, so four times the noise takes sixteen times the samples, give or take
  // the schedule of looks.
  EXPECT_GT(loud.count, 6 * quiet.count);
}

TEST(StopRule, HighNoiseEndsByTime) {
  StopRuleOptions options;
  options.max_seconds = 2.0;
  const Outcome outcome = run(options, log_normal(10e-3, 0.8, 3));
  EXPECT_EQ(outcome.reason, StopReason::max_duration);
  EXPECT_GE(outcome.elapsed, 2.0);
  EXPECT_GT(outcome.rule.relative_half_width().value(), 0.01);
}

TEST(StopRule, CorrelatedNoiseNeedsMoreSamplesThanIndependentNoise) {
  const auto independent = run(without_minimum_time(), noisy(1e-3, 0.05, 4));
  const auto alike = run(without_minimum_time(), correlated(1e-3, 0.05, 0.9, 4));
  EXPECT_EQ(independent.reason, StopReason::converged);
  EXPECT_EQ(alike.reason, StopReason::converged);
  // rho = 0.9 leaves (1 - rho) / (1 + rho) = 1 / 19 of the information in every sample.
  EXPECT_GT(alike.count, 5 * independent.count);
}

TEST(StopRule, DriftNeverConverges) {
  StopRuleOptions options;
  options.max_seconds = 5.0;
  const Outcome outcome = run(options, drifting(1e-3, 5e-5, 0.005, 5));  // 10 % in 2000 samples
  EXPECT_EQ(outcome.reason, StopReason::max_duration);
  EXPECT_GT(outcome.rule.relative_half_width().value(), 0.02);
}

TEST(StopRule, TwoEqualModesNeverConverge) {
  StopRuleOptions options;
  options.max_seconds = 3.0;
  const Outcome outcome = run(options, bimodal(1e-3, 1.5e-3, 0.5, 6));
  EXPECT_EQ(outcome.reason, StopReason::max_duration);
  EXPECT_GT(outcome.rule.relative_half_width().value(), 0.05);
}

TEST(StopRule, ARareSecondModeDoesNotMoveTheMedian) {
  const Outcome outcome = run(without_minimum_time(), bimodal(1e-3, 1.5e-3, 0.1, 7));
  EXPECT_EQ(outcome.reason, StopReason::converged);
  EXPECT_NEAR(outcome.rule.current_median().value(), 1e-3, 1e-5);
}

TEST(StopRule, SpikesDoNotKeepItFromConverging) {
  int n = 0;
  const Outcome outcome = run({}, [&] { return ++n % 50 == 0 ? 30e-3 : 1e-3; });
  EXPECT_EQ(outcome.reason, StopReason::converged);
  EXPECT_EQ(outcome.rule.current_median(), 1e-3);
}

TEST(StopRule, TakesExactlyTheIterationsAskedForWhateverTheNoiseAndTheTime) {
  for (const std::int64_t iterations : {1, 5, 6, 1000}) {
    StopRuleOptions options;
    options.iterations = iterations;
    options.max_seconds = 0.01;
    const Outcome outcome = run(options, log_normal(1e-3, 1.0, 8));
    EXPECT_EQ(outcome.reason, StopReason::iterations);
    EXPECT_EQ(outcome.count, iterations);
    EXPECT_EQ(outcome.rule.relative_half_width().has_value(), iterations >= 6);
    EXPECT_TRUE(outcome.rule.current_median().has_value());
  }
}

TEST(StopRule, AModelSlowerThanTheMaximumTimeIsSampledOnce) {
  const Outcome outcome = run({}, constant(20.0));
  EXPECT_EQ(outcome.reason, StopReason::max_duration);
  EXPECT_EQ(outcome.count, 1);
  EXPECT_EQ(outcome.rule.relative_half_width(), std::nullopt);
}

TEST(StopRule, ConvergedAtTheMaximumTimeIsConverged) {
  StopRuleOptions options;
  options.min_seconds = options.max_seconds = 0.5;
  const Outcome outcome = run(options, constant(1.0 / 128));
  EXPECT_EQ(outcome.reason, StopReason::converged);
  EXPECT_EQ(outcome.elapsed, 0.5);
}

TEST(StopRule, BeforeTheFirstSampleNothingIsKnown) {
  const StopRule rule({});
  EXPECT_EQ(rule.relative_half_width(), std::nullopt);
  EXPECT_EQ(rule.current_median(), std::nullopt);
  EXPECT_EQ(rule.fraction_done(0.0), 0.0);
}

TEST(StopRule, TimesOfZeroNeverConverge) {
  StopRule rule({});
  std::optional<StopReason> reason;
  double elapsed = 0.0;
  while (!reason) reason = rule.add(0.0, elapsed += 0.1);
  EXPECT_EQ(reason, StopReason::max_duration);
  EXPECT_EQ(rule.relative_half_width(), std::nullopt);
}

TEST(StopRule, TheFractionDoneGrowsTowardsOne) {
  StopRuleOptions options;
  StopRule rule(options);
  Stream stream = noisy(10e-3, 0.10, 9);
  double elapsed = 0.0;
  double before = 0.0;
  std::optional<StopReason> reason;
  while (!reason) {
    const double sample = stream();
    reason = rule.add(sample, elapsed += sample);
    const double fraction = rule.fraction_done(elapsed);
    EXPECT_GE(fraction, 0.0);
    EXPECT_LE(fraction, 1.0);
    before = fraction;
  }
  EXPECT_EQ(reason, StopReason::converged);
  EXPECT_EQ(before, 1.0);
}

TEST(StopRule, TheFractionDoneCountsIterations) {
  StopRuleOptions options;
  options.iterations = 4;
  StopRule rule(options);
  EXPECT_FALSE(rule.add(1e-3, 1e-3));
  EXPECT_EQ(rule.fraction_done(1e-3), 0.25);
}

// Stopping when the interval happens to be narrow makes it cover the median less often than 95 % of the time. The few
// looks of the schedule keep that loss small.
TEST(StopRule, StoppingEarlyCostsLittleCoverage) {
  constexpr int kStreams = 1000;
  int covered = 0;
  for (int seed = 0; seed < kStreams; ++seed) {
    const auto outcome = run(without_minimum_time(), log_normal(1e-3, 0.08, static_cast<std::uint64_t>(seed)));
    ASSERT_EQ(outcome.reason, StopReason::converged);
    const auto interval = median_interval(outcome.rule.samples());
    covered += interval->low <= 1e-3 && 1e-3 <= interval->high ? 1 : 0;
  }
  RecordProperty("covered_of_1000", covered);
  EXPECT_GT(covered, kStreams * 90 / 100);
}

// With noise that never lets it stop. The bound is loose; what it guards is a look at every sample (an hour).
TEST(StopRule, AMillionSamplesCostSeconds) {
  StopRule rule({});
  Stream stream = log_normal(1e-3, 1.0, 10);
  const std::clock_t start = std::clock();
  for (int n = 0; n < 1'000'000; ++n) ASSERT_FALSE(rule.add(stream(), 0.5));
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  RecordProperty("cpu_seconds", std::to_string(seconds));
  EXPECT_LT(seconds, 60.0);
}

TEST(RelativeHalfWidth, IsHalfTheIntervalOverTheMedian) {
  EXPECT_DOUBLE_EQ(relative_half_width(2.0, Interval{1.9, 2.3}).value(), 0.1);
  EXPECT_EQ(relative_half_width(2.0, std::nullopt), std::nullopt);
  EXPECT_EQ(relative_half_width(0.0, Interval{0.0, 0.1}), std::nullopt);
}

}  // namespace
}  // namespace trtprof
