#include "trtprof/compare/comparison.h"

#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "support/stored_profile.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// A launch of a real profile whose times are `factor` times as long, and that began in that second.
Profile launch(double factor, int second) {
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  EndToEnd& run = *profile.end_to_end;
  for (auto* series : {&run.total, &*run.compute, &*run.interval}) {
    for (double& sample : series->samples) sample *= factor;
    *series = series_of(series->samples);
  }
  profile.environment.started_at =
      "2026-01-31T00:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "Z";
  return profile;
}

struct Sides {
  std::vector<Profile> a;
  std::vector<Profile> b;
};

// ABBA; B's time over A's.
Sides turns(double effect) {
  Sides sides;
  for (int i = 0; i < 5; ++i) {
    const double noise = 1.0 + 0.002 * ((i * 7) % 5 - 2);
    sides.a.push_back(launch(noise, 4 * i + (i % 2 == 0 ? 0 : 2)));
    sides.b.push_back(launch(noise * effect, 4 * i + (i % 2 == 0 ? 2 : 0)));
  }
  return sides;
}

TEST(Comparison, JudgesTheLatencyAndShowsTheOtherFigures) {
  const Sides sides = turns(0.9);
  const auto comparison = compare_profiles(sides.a, sides.b);
  ASSERT_TRUE(comparison) << comparison.error().message;
  EXPECT_EQ(comparison->figure, FigureKind::latency);
  EXPECT_EQ(comparison->verdict.outcome, Outcome::faster);
  EXPECT_NEAR(comparison->verdict.effect, -0.1, 1e-6);
  EXPECT_EQ(comparison->verdict.basis, VerdictBasis::pairs);
  EXPECT_EQ(comparison->figures.front().kind, FigureKind::latency);
  EXPECT_GE(comparison->figures.size(), 5U);
  ASSERT_TRUE(comparison->layers);
  EXPECT_TRUE(comparison->layers->groups.front().interval);
  EXPECT_TRUE(comparison->settings.empty());
}

TEST(Comparison, IsOnTheFigureThatWasAskedFor) {
  const Sides sides = turns(1.1);
  const auto comparison = compare_profiles(sides.a, sides.b, {.figure = FigureKind::interval});
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->figure, FigureKind::interval);
  EXPECT_EQ(comparison->verdict.outcome, Outcome::slower);
  const auto missing =
      compare_profiles(std::array{bare_profile()}, std::array{bare_profile()}, {.figure = FigureKind::compute});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("'compute'"));
}

TEST(Comparison, TakesPairsOnlyWhereLaunchesTookTurns) {
  Sides sides = turns(1.0);
  EXPECT_TRUE(took_turns(sides.a, sides.b));
  std::swap(sides.a[0], sides.a[4]);
  EXPECT_FALSE(took_turns(sides.a, sides.b));
  const auto comparison = compare_profiles(sides.a, sides.b);
  EXPECT_EQ(comparison->verdict.basis, VerdictBasis::separate_sides);
  EXPECT_THAT(comparison->notes, Contains(HasSubstr("did not take turns")));
  sides = turns(1.0);
  sides.b[2].environment.hostname = "elsewhere";
  EXPECT_FALSE(took_turns(sides.a, sides.b));
}

TEST(Comparison, ProfilesWithoutEndToEndAreJudgedByTheirLayers) {
  Profile a = stored_profile("mobilenetv2_b1_fp32");
  Profile b = stored_profile("mobilenetv2_b1_weak_fp16");
  a.end_to_end.reset();
  const auto comparison = compare_profiles(std::array{a}, std::array{b});
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->figure, FigureKind::layer_sum);
  EXPECT_EQ(comparison->figures.size(), 1U);
}

TEST(Comparison, OfAnotherBatchIsPerItem) {
  const auto comparison = compare_profiles(std::array{stored_profile("mobilenetv2_b1_graph")},
                                           std::array{stored_profile("mobilenetv2_b64_graph")});
  ASSERT_TRUE(comparison) << comparison.error().message;
  EXPECT_TRUE(comparison->per_item);
  EXPECT_NEAR(comparison->verdict.seconds_b, 1.35e-3 / 64, 1e-5);
  EXPECT_THAT(comparison->notes, Contains(HasSubstr("batches of 1, B of 64")));
}

TEST(Comparison, RefusesOtherWorkAndMixedLaunches) {
  const auto other =
      compare_profiles(std::array{stored_profile("transfer")}, std::array{stored_profile("mobilenetv2_b1_graph")});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::usage);
  EXPECT_THAT(other.error().message, HasSubstr("do not do the same work"));
  const auto mixed = compare_profiles(std::array{stored_profile("mobilenetv2_b1_graph"),
                                                 stored_profile("mobilenetv2_b1_stream"), stored_profile("resnet50")},
                                      std::array{stored_profile("mobilenetv2_b1_graph")});
  ASSERT_FALSE(mixed);
  EXPECT_THAT(mixed.error().message, HasSubstr("the profiles of A are not launches of one thing"));
}

TEST(Comparison, SaysThatDevicesDiffer) {
  Profile other = launch(1.0, 1);
  other.environment.device_name = "NVIDIA L4";
  const auto comparison = compare_profiles(std::array{launch(1.0, 0)}, std::array{other});
  ASSERT_TRUE(comparison);
  EXPECT_THAT(comparison->notes, Contains(HasSubstr("A ran on NVIDIA H200, B on NVIDIA L4")));
  EXPECT_THAT(comparison->settings, Contains(SettingChange{"device", "NVIDIA H200", "NVIDIA L4"}));
}

TEST(Comparison, CarriesWarningsOverOnceASide) {
  Sides sides = turns(1.0);
  for (std::size_t i = 0; i < 3; ++i) {
    sides.b[i].warnings = {"the SM clock fell by " + std::to_string(10 + i) + " %"};
  }
  sides.a[1].partial = true;
  const auto comparison = compare_profiles(sides.a, sides.b);
  ASSERT_TRUE(comparison);
  EXPECT_TRUE(comparison->partial);
  EXPECT_THAT(comparison->warnings, Contains("B (3 of 5 launches): the SM clock fell by 10 %"));
  EXPECT_THAT(comparison->warnings, Not(Contains(HasSubstr("11 %"))));
  EXPECT_THAT(comparison->warnings, Contains("A: a launch was not measured to the end"));
}

TEST(Comparison, TellsBuildsOfEnginesApart) {
  Sides sides = turns(1.2);
  for (std::size_t i = 0; i < 5; ++i) sides.b[i].model.sha256 = i < 2 ? "one" : i < 4 ? "two" : "three";
  const auto comparison = compare_profiles(sides.a, sides.b);
  ASSERT_TRUE(comparison);
  EXPECT_TRUE(comparison->verdict.by_builds);
  EXPECT_EQ(comparison->verdict.b.builds, 3U);
  EXPECT_EQ(comparison->verdict.a.builds, 1U);
  const Sides one_build = turns(1.2);
  EXPECT_THAT(compare_profiles(one_build.a, one_build.b)->notes, Contains(HasSubstr("another build")));
}

TEST(Comparison, IsTheSameEveryTime) {
  const Sides sides = turns(1.01);
  EXPECT_EQ(compare_profiles(sides.a, sides.b)->verdict.interval, compare_profiles(sides.a, sides.b)->verdict.interval);
}

TEST(Figures, HaveNamesThatAreReadBack) {
  for (const FigureKind kind : all_figures()) EXPECT_EQ(figure_from_string(to_string(kind)), kind);
  EXPECT_FALSE(figure_from_string("speed"));
}

TEST(Figures, OfASummaryAloneHaveItsInterval) {
  Profile profile;
  profile.end_to_end.emplace();
  Summary summary;
  summary.count = 100;
  summary.median = 1e-3;
  summary.median_interval = Interval{0.9e-3, 1.1e-3};
  profile.end_to_end->total.summary = summary;
  const auto figure = figure_of(profile, FigureKind::latency);
  ASSERT_TRUE(figure);
  EXPECT_EQ(figure->samples, 100U);
  EXPECT_NEAR(figure->log_error, 0.1 / 1.96, 1e-4);
  EXPECT_FALSE(figure_of(profile, FigureKind::compute));
}

}  // namespace
}  // namespace trtprof::test
