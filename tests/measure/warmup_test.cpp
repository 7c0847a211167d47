#include <gtest/gtest.h>

#include "streams.h"
#include "trtprof/measure/stop_rule.h"

namespace trtprof {
namespace {

using namespace test;

struct Outcome {
  std::optional<bool> verdict;
  bool steady;
  std::int64_t count;
  double elapsed;
};

// Time passes by the samples themselves.
Outcome run(const WarmupOptions& options, Stream stream) {
  Warmup warmup(options);
  double elapsed = 0.0;
  while (!warmup.is_over()) {
    const double sample = stream();
    elapsed += sample;
    const bool over = warmup.add(sample, elapsed);
    EXPECT_EQ(over, warmup.is_over());
  }
  return {warmup.verdict(), warmup.steady(), warmup.count(), elapsed};
}

TEST(Warmup, SteadyTimesEndItAtTheMinimumTime) {
  const Outcome outcome = run({}, constant(1.0 / 512));
  EXPECT_TRUE(outcome.steady);
  EXPECT_GE(outcome.elapsed, 0.2);
  EXPECT_LT(outcome.elapsed, 0.3);  // two looks
}

TEST(Warmup, SteadyNoisyTimesEndItSoon) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Outcome outcome = run({}, noisy(2e-3, 0.03, seed));
    EXPECT_TRUE(outcome.steady) << "seed " << seed;
    EXPECT_LT(outcome.elapsed, 2.0) << "seed " << seed;
  }
}

TEST(Warmup, FallingTimesKeepItGoingUntilTheyHaveSettled) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Outcome outcome = run({}, settling(1e-3, 4.0, 150.0, 0.02, seed));
    EXPECT_TRUE(outcome.steady) << "seed " << seed;
    // After n samples the excess is 4 * exp(-n / 150): below 5 % it takes 658.
    EXPECT_GT(outcome.count, 658) << "seed " << seed;
    EXPECT_LT(outcome.elapsed, 5.0) << "seed " << seed;
  }
}

TEST(Warmup, OneColdStartIsNotJudged) {
  int n = 0;
  const Outcome outcome = run({}, [&] { return n++ == 0 ? 0.15 : 2e-3; });
  EXPECT_TRUE(outcome.steady);
  EXPECT_LT(outcome.elapsed, 0.35);
}

TEST(Warmup, TimesThatNeverStopFallingEndItByTimeAndAreNotSteady) {
  const Outcome outcome = run({}, settling(10e-3, 9.0, 200.0, 0.002, 3));
  EXPECT_EQ(outcome.verdict, false);
  EXPECT_FALSE(outcome.steady);
  EXPECT_GE(outcome.elapsed, 5.0);
}

TEST(Warmup, RisingTimesAreForTheMeasurementToSee) {
  const Outcome outcome = run({}, drifting(2e-3, 1e-3, 0.002, 4));
  EXPECT_TRUE(outcome.steady);
  EXPECT_LT(outcome.elapsed, 0.5);
}

TEST(Warmup, StepsDownAreWaitedFor) {
  int n = 0;
  // Tiers of code generation: three steps, the last after 0.27 s, the one before it just ahead of the first look.
  const auto stream = [&, noise = Noise(5)]() mutable {
    const double level = n < 20 ? 5e-3 : n < 50 ? 3e-3 : n < 90 ? 2e-3 : 1e-3;
    ++n;
    return level * (1.0 + 0.01 * noise.normal());
  };
  const Outcome outcome = run({}, stream);
  EXPECT_TRUE(outcome.steady);
  EXPECT_GT(outcome.count, 120);
}

TEST(Warmup, TooMuchNoiseToTellDecidesNothing) {
  const Outcome outcome = run({}, log_normal(0.1, 1.0, 6));
  EXPECT_NE(outcome.verdict, true);
  EXPECT_GE(outcome.elapsed, 5.0);
}

TEST(Warmup, AModelSlowerThanTheMaximumTimeRunsOnceAndTellsNothing) {
  const Outcome outcome = run({}, constant(20.0));
  EXPECT_EQ(outcome.count, 1);
  EXPECT_EQ(outcome.verdict, std::nullopt);
}

TEST(Warmup, RunsExactlyTheIterationsAskedFor) {
  for (const std::int64_t iterations : {1, 3, 19, 20, 500}) {
    WarmupOptions options;
    options.iterations = iterations;
    const Outcome outcome = run(options, constant(1.0));
    EXPECT_EQ(outcome.count, iterations);
    EXPECT_EQ(outcome.verdict, iterations < 20 ? std::nullopt : std::optional(true)) << iterations;
  }
}

TEST(Warmup, SaysWhenTheIterationsAskedForWereTooFew) {
  WarmupOptions options;
  options.iterations = 60;
  EXPECT_EQ(run(options, settling(1e-3, 4.0, 300.0, 0.02, 7)).verdict, false);
}

TEST(Warmup, NoneAskedForIsOverBeforeItBegins) {
  WarmupOptions options;
  options.iterations = 0;
  const Warmup warmup(options);
  EXPECT_TRUE(warmup.is_over());
  EXPECT_EQ(warmup.count(), 0);
  EXPECT_EQ(warmup.verdict(), std::nullopt);
}

TEST(Warmup, TheFractionDoneIsOfTheTimeOrOfTheIterations) {
  WarmupOptions options;
  Warmup by_time(options);
  EXPECT_FALSE(by_time.add(1.0, 1.0));
  EXPECT_DOUBLE_EQ(by_time.fraction_done(1.0), 0.2);
  options.iterations = 4;
  Warmup by_count(options);
  EXPECT_FALSE(by_count.add(1.0, 1.0));
  EXPECT_DOUBLE_EQ(by_count.fraction_done(1.0), 0.25);
}

}  // namespace
}  // namespace trtprof
