// The verdict on launches of known truth: how often it is right, by counting.
#include "trtprof/compare/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/synthetic.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;

// What happens to launches beside the noise of their samples.
struct Truth {
  double effect = 0.0;         // B over A - 1
  double launch_spread = 0.0;  // of each launch, relative
  double drift = 0.0;          // of the machine, from one launch to the next
  std::size_t launches = 5;
  SeriesTruth series = {};
};

struct Sides {
  std::vector<LaunchFigure> a;
  std::vector<LaunchFigure> b;
};

// A, B, B, A, A, B, ...: as the program takes them.
Sides launches_of(const Truth& truth, std::mt19937_64& random, Draw& draw) {
  std::normal_distribution<double> normal;
  Sides sides;
  double drifted = 0.0;
  for (std::size_t pair = 0; pair < truth.launches; ++pair) {
    for (const bool first : {true, false}) {
      const bool is_a = first == (pair % 2 == 0);
      drifted += truth.drift;
      SeriesTruth series = truth.series;
      series.median *= std::exp(drifted + truth.launch_spread * normal(random)) * (is_a ? 1.0 : 1.0 + truth.effect);
      const std::vector<double> samples = synthetic_series(series, random);
      (is_a ? sides.a : sides.b).push_back({median(samples), log_median_error(samples, draw, 20), samples.size()});
    }
  }
  return sides;
}

struct Rates {
  Share changed;  // said FASTER or SLOWER
  Share slower;
  Share covered;  // the interval holds the truth
};

Rates rates_of(const Truth& truth, int trials, bool paired = true) {
  std::mt19937_64 random(11);
  Draw draw(1);
  int changed = 0;
  int slower = 0;
  int covered = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const Sides sides = launches_of(truth, random, draw);
    const ChangeVerdict verdict = judge(sides.a, sides.b, {.paired = paired});
    changed += verdict.outcome == Outcome::faster || verdict.outcome == Outcome::slower ? 1 : 0;
    slower += verdict.outcome == Outcome::slower ? 1 : 0;
    covered += verdict.interval.low <= truth.effect && truth.effect <= verdict.interval.high ? 1 : 0;
  }
  return {share_of(changed, trials), share_of(slower, trials), share_of(covered, trials)};
}

constexpr int kTrials = 300;

// The upper end of the share's interval: a coverage that is truly below 95 % fails for good.
void expect_covers(const Truth& truth, bool paired = true) {
  const Rates rates = rates_of(truth, kTrials, paired);
  EXPECT_GE(rates.covered.high, 0.95) << rates.covered.share;
}

TEST(Verdict, CoversTheTruthOfIndependentSamples) {
  expect_covers({.effect = 0.02, .series = {.samples = 100}});
  expect_covers({.effect = 0.02, .series = {.samples = 100}}, false);
}

TEST(Verdict, CoversTheTruthOfDependentSamples) {
  expect_covers({.effect = 0.02, .series = {.correlation = 0.5}});
  expect_covers({.effect = 0.02, .series = {.correlation = 0.95}});
}

TEST(Verdict, CoversTheTruthWhenLaunchesDiffer) {
  expect_covers({.effect = 0.02, .launch_spread = 0.03, .series = {.samples = 60}});
  expect_covers({.effect = 0.02, .launch_spread = 0.03, .launches = 3, .series = {.samples = 60}});
  expect_covers({.effect = 0.02, .launch_spread = 0.03, .launches = 10, .series = {.samples = 60}}, false);
}

TEST(Verdict, CoversTheTruthWhenTheMachineDrifts) {
  expect_covers({.effect = 0.02, .launch_spread = 0.01, .drift = 0.02, .series = {.samples = 60}});
  expect_covers({.effect = 0.02, .launch_spread = 0.01, .drift = 0.02, .series = {.samples = 60}}, false);
}

TEST(Verdict, CoversTheTruthOfTwoModes) {
  // The median's own truth moves with the share of the second mode, so none is injected.
  expect_covers({.launch_spread = 0.01, .series = {.noise = 0.02, .slow_share = 0.45, .samples = 100}});
}

TEST(Verdict, ACommonDriftCostsNothingInPairsAndMuchBySides) {
  const Truth truth = {.effect = 0.05, .launch_spread = 0.003, .drift = 0.03, .series = {.samples = 60}};
  const Truth steady = {.effect = 0.05, .launch_spread = 0.003, .series = {.samples = 60}};
  EXPECT_GT(rates_of(steady, 100).slower.share, 0.95);
  const double paired = rates_of(truth, 100).slower.share;
  const double by_sides = rates_of(truth, 100, false).slower.share;
  EXPECT_GT(paired, by_sides + 0.3);
}

TEST(Verdict, SeldomSeesAChangeWhereThereIsNone) {
  for (const double spread : {0.0, 0.02, 0.05}) {
    const Rates rates = rates_of({.launch_spread = spread, .series = {.samples = 40}}, 400);
    EXPECT_LT(rates.changed.low, 0.05) << spread << ": " << rates.changed.share;
  }
}

TEST(Verdict, SeesWhatIsThere) {
  const Rates quiet =
      rates_of({.effect = 0.05, .launch_spread = 0.015, .launches = 10, .series = {.samples = 60}}, 300);
  EXPECT_GT(quiet.slower.share, 0.95);
}

// One launch says what its median is; the noise within it is left out.
std::vector<LaunchFigure> figures(const std::vector<double>& milliseconds) {
  std::vector<LaunchFigure> launches;
  for (const double value : milliseconds) launches.push_back({value * 1e-3, 0.001, 100});
  return launches;
}

TEST(Verdict, SaysFasterSameAndSlower) {
  const auto base = figures({1.000, 1.002, 0.999, 1.001, 1.000});
  EXPECT_EQ(judge(base, figures({0.900, 0.903, 0.899, 0.901, 0.902}), {}).outcome, Outcome::faster);
  EXPECT_EQ(judge(base, figures({1.001, 1.000, 1.000, 1.002, 0.999}), {}).outcome, Outcome::same);
  const ChangeVerdict slower = judge(base, figures({1.101, 1.100, 1.100, 1.102, 1.099}), {.paired = true});
  EXPECT_EQ(slower.outcome, Outcome::slower);
  EXPECT_NEAR(slower.effect, 0.1, 0.002);
  EXPECT_EQ(slower.basis, VerdictBasis::pairs);
  EXPECT_EQ(slower.a.launches, 5U);
  EXPECT_EQ(slower.a.samples, 500U);
}

TEST(Verdict, AChangeBelowTheThresholdIsNoChange) {
  const auto base = figures({1.000, 1.000, 1.000, 1.000, 1.000});
  const auto bit = figures({1.005, 1.005, 1.005, 1.005, 1.005});
  EXPECT_EQ(judge(base, bit, {.paired = true}).outcome, Outcome::same);
  EXPECT_EQ(judge(base, bit, {.threshold = 0.001, .paired = true}).outcome, Outcome::slower);
  const ChangeVerdict edge = judge(base, figures({1.0095, 1.0095, 1.0095, 1.0095, 1.0095}), {.paired = true});
  EXPECT_EQ(edge.outcome, Outcome::undecided);
  EXPECT_THAT(edge.reason, HasSubstr("smaller than the 1 %"));
}

TEST(Verdict, SaysHowManyLaunchesWouldTell) {
  const ChangeVerdict verdict = judge(figures({1.00, 1.06, 0.97}), figures({1.05, 1.01, 1.08}), {});
  EXPECT_EQ(verdict.outcome, Outcome::undecided);
  ASSERT_TRUE(verdict.enough_launches);
  EXPECT_GT(*verdict.enough_launches, 3U);
  EXPECT_THAT(verdict.reason, HasSubstr("launches a side would tell"));
}

TEST(Verdict, OneLaunchASideIsBelievedOnlyBeyondWhatLaunchesDiffer) {
  const ChangeVerdict some = judge(figures({1.00}), figures({1.10}), {});
  EXPECT_EQ(some.outcome, Outcome::undecided);
  EXPECT_EQ(some.basis, VerdictBasis::assumed_spread);
  EXPECT_THAT(some.reason, HasSubstr("taken to differ by 5 %"));
  const ChangeVerdict twice = judge(figures({1.00}), figures({2.00}), {});
  EXPECT_EQ(twice.outcome, Outcome::slower);
  EXPECT_THAT(twice.reason, HasSubstr("taken to differ by 5 %"));
  EXPECT_EQ(judge(figures({1.00}), figures({1.00}), {}).outcome, Outcome::undecided);
  // Known from elsewhere.
  EXPECT_EQ(judge(figures({1.00}), figures({1.10}), {.launch_spread = 0.002}).outcome, Outcome::slower);
  EXPECT_EQ(judge(figures({1.00}), figures({1.00}), {.launch_spread = 0.001}).outcome, Outcome::same);
}

TEST(Verdict, ASideOfOneLaunchIsTakenToVaryAsTheOther) {
  const ChangeVerdict verdict = judge(figures({1.00}), figures({1.10, 1.11, 1.09, 1.10, 1.11}), {});
  EXPECT_EQ(verdict.basis, VerdictBasis::one_spread);
  EXPECT_EQ(verdict.outcome, Outcome::slower);
  EXPECT_EQ(judge(figures({1.00}), figures({1.10, 1.30, 0.90}), {}).outcome, Outcome::undecided);
}

TEST(Verdict, LaunchesOfOneBuildAreOneObservation) {
  // Two builds of B, one fast and one slow, of many launches each: what a third would be is not known.
  auto base = figures({1.00, 1.00, 1.00, 1.00, 1.00, 1.00});
  auto lottery = figures({1.05, 1.05, 1.05, 1.15, 1.15, 1.15});
  for (std::size_t i = 0; i < 6; ++i) base[i].build = lottery[i].build = i / 3;
  const ChangeVerdict by_builds = judge(base, lottery, {.paired = true});
  EXPECT_TRUE(by_builds.by_builds);
  EXPECT_EQ(by_builds.b.builds, 2U);
  EXPECT_EQ(by_builds.outcome, Outcome::undecided);
  EXPECT_THAT(by_builds.reason, HasSubstr("builds"));
  for (auto* side : {&base, &lottery}) {
    for (LaunchFigure& launch : *side) launch.build = 0;
  }
  EXPECT_EQ(judge(base, lottery, {.paired = true}).outcome, Outcome::slower);
}

TEST(Verdict, FewLaunchesThatHappenToAgreeAreNotTrustedBeyondTheirSamples) {
  std::vector<LaunchFigure> a = figures({1.000, 1.000});
  std::vector<LaunchFigure> b = figures({1.012, 1.012});
  for (auto* side : {&a, &b}) {
    for (LaunchFigure& launch : *side) launch.log_error = 0.05;
  }
  EXPECT_EQ(judge(a, b, {.paired = true}).outcome, Outcome::undecided);
}

TEST(Verdict, IsTheSameEveryTime) {
  const auto a = figures({1.00, 1.06, 0.97});
  const auto b = figures({1.05, 1.01, 1.08});
  EXPECT_EQ(judge(a, b, {}).interval, judge(a, b, {}).interval);
  EXPECT_EQ(judge(a, b, {}).reason, judge(a, b, {}).reason);
}

}  // namespace
}  // namespace trtprof::test
