// The noise of a launch's median against the truth: the standard deviation over many launches.
#include "trtprof/compare/resample.h"

#include <gtest/gtest.h>

#include "compare/synthetic.h"

namespace trtprof::test {
namespace {

TEST(Draw, IsTheSameEveryTime) {
  Draw one(7);
  Draw other(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.below(13), other.below(13));
  // Not of this standard library alone: mt19937_64 is specified to the bit.
  Draw known(1);
  EXPECT_EQ(known.below(1000), 2469588189546311528ULL % 1000);
}

TEST(Draw, GivesEveryNumberAsOften) {
  Draw draw(3);
  std::vector<int> seen(7);
  for (int i = 0; i < 70'000; ++i) ++seen.at(draw.below(7));
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 400);  // 4 standard deviations
}

TEST(BlockLength, IsOneWhereSamplesAreIndependent) {
  EXPECT_EQ(block_length(500, 500.0), 1U);
  EXPECT_EQ(block_length(2, 1.0), 1U);
}

TEST(BlockLength, IsPolitisAndWhitesOptimum) {
  // AR(1) with 0.95: time 39, reach 19.49; (1.5 * 379.7 * 1000)^(1/3) = 82.9.
  EXPECT_EQ(block_length(1000, 1000.0 / 39.0), 83U);
  // Never more than a third: several blocks must make a series.
  EXPECT_EQ(block_length(90, 1.0), 30U);
}

// Mean of the estimate over the truth.
double estimated_over_true(const SeriesTruth& truth) {
  std::mt19937_64 random(5);
  Draw draw(1);
  constexpr int kSeries = 150;
  double sum = 0.0;
  double squares = 0.0;
  double estimates = 0.0;
  for (int i = 0; i < kSeries; ++i) {
    const std::vector<double> series = synthetic_series(truth, random);
    const double log_median = std::log(median(series) / truth.median);
    sum += log_median;
    squares += log_median * log_median;
    estimates += log_median_error(series, draw, 100);
  }
  const double mean = sum / kSeries;
  const double deviation = std::sqrt((squares - kSeries * mean * mean) / (kSeries - 1));
  return estimates / kSeries / deviation;
}

TEST(LogMedianError, IsTheDeviationOfManyMedians) {
  EXPECT_NEAR(estimated_over_true({}), 1.0, 0.15);
  EXPECT_NEAR(estimated_over_true({.correlation = 0.5}), 1.0, 0.2);
  EXPECT_NEAR(estimated_over_true({.correlation = 0.95, .samples = 2000}), 1.0, 0.3);
}

TEST(LogMedianError, SeesTheSecondMode) {
  // With nearly half of the samples in another mode the median sits where there is next to nothing.
  std::mt19937_64 random(5);
  Draw draw(1);
  const double one_mode = log_median_error(synthetic_series({.noise = 0.01}, random), draw);
  const double two_modes = log_median_error(synthetic_series({.noise = 0.01, .slow_share = 0.48}, random), draw);
  EXPECT_GT(two_modes, 5.0 * one_mode);
}

TEST(LogMedianError, IsNothingWhereAllSamplesAreEqual) {
  Draw draw(1);
  EXPECT_EQ(log_median_error(std::vector<double>(50, 1e-3), draw), 0.0);
}

}  // namespace
}  // namespace trtprof::test
