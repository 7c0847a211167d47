#include "trtprof/compare/figures.h"

#include <gtest/gtest.h>

#include "compare/synthetic.h"

namespace trtprof::test {
namespace {

// The mean of the intervals between completions, whose inverse is the throughput.
TEST(Figures, AnIntervalHasTheErrorOfItsMean) {
  std::mt19937_64 random(2);
  Profile profile;
  profile.end_to_end.emplace();
  profile.end_to_end->interval.emplace();
  profile.end_to_end->interval->samples = synthetic_series({.noise = 0.1, .samples = 10'000}, random);
  const auto figure = figure_of(profile, FigureKind::interval);
  ASSERT_TRUE(figure.has_value());
  EXPECT_NEAR(figure->log_error, 0.1 / 100.0, 2e-4);
  EXPECT_EQ(figure->samples, 10'000U);
  EXPECT_FALSE(figure_of(profile, FigureKind::compute).has_value());
}

}  // namespace
}  // namespace trtprof::test
