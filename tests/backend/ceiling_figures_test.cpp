#include "trtprof/backend/ceiling_figures.h"

#include <vector>

#include <gmock/gmock.h>

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr CeilingKind kKind = CeilingKind::memory_bandwidth;

TEST(SampleRuns, KeepsNeitherOfTheFirstTwo) {
  const StopFlag stop;
  int runs = 0;
  const auto samples = sample_runs(0.0, stop, [&]() -> Result<double> { return ++runs; });
  ASSERT_TRUE(samples);
  EXPECT_THAT(*samples, ElementsAre(3.0, 4.0, 5.0, 6.0, 7.0));
}

TEST(SampleRuns, GoesOnUntilTheSecondsAreFull) {
  const StopFlag stop;
  const auto ten = sample_runs(0.95, stop, []() -> Result<double> { return 0.1; });
  ASSERT_TRUE(ten);
  EXPECT_THAT(*ten, SizeIs(10));
  const auto most = sample_runs(1.0, stop, []() -> Result<double> { return 1e-9; });
  ASSERT_TRUE(most);
  EXPECT_THAT(*most, SizeIs(1000));
}

TEST(SampleRuns, StopsFailsAndRefusesNoTime) {
  StopFlag stop;
  int runs = 0;
  const auto stopped = sample_runs(1.0, stop, [&]() -> Result<double> {
    if (++runs == 4) stop.request();
    return 0.01;
  });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::interrupted);
  EXPECT_EQ(runs, 4);
  const StopFlag go;
  EXPECT_FALSE(sample_runs(1.0, go, []() -> Result<double> { return 0.0; }));
  const auto failed = sample_runs(1.0, go, []() -> Result<double> { return fail("the device fell off the bus"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "the device fell off the bus");
}

TEST(CeilingFigures, ARateIsTheWorkOverTheMedian) {
  const std::vector<double> seconds = {4.0, 1.0, 2.0};
  const CeilingFigure figure = rate_figure(kKind, 8.0, seconds, "copies");
  EXPECT_EQ(figure, (CeilingFigure{kKind, 4.0, CeilingBasis::measured, "copies", CeilingSpread{2.0, 8.0, 3}}));
}

TEST(CeilingFigures, ACostIsTheMedian) {
  const std::vector<double> seconds = {3e-6, 1e-6, 2e-6};
  const CeilingFigure figure = cost_figure(CeilingKind::launch_cost, seconds, "launches");
  EXPECT_DOUBLE_EQ(figure.value, 2e-6);
  EXPECT_EQ(figure.spread, (CeilingSpread{1e-6, 3e-6, 3}));
}

TEST(CeilingFigures, TheBestOfSeveralWays) {
  std::vector<CeilingFigure> figures;
  for (const double value : {1.0, 3.0, 2.0}) figures.push_back({kKind, value, CeilingBasis::measured, "a way"});
  EXPECT_EQ(best_rate(figures), &figures[1]);
  EXPECT_EQ(best_rate({}), nullptr);
}

CeilingFigure even(CeilingKind kind) {
  return {kind, 1.0, CeilingBasis::measured, "a run", CeilingSpread{1.0, 1.1, 5}};
}

TEST(CeilingCollector, KeepsFiguresAndReasons) {
  NoProgress progress;
  const StopFlag stop;
  CeilingCollector collector({"Device", {"Device"}, {}}, 3, progress, stop);
  collector.take(kKind, "memory", [] { return Result<CeilingFigure>(even(kKind)); });
  collector.take(CeilingKind::fp8_peak, "FP8", []() -> Result<CeilingFigure> { return unavailable("no FP8", "Buy."); });
  const auto result = collector.finish();
  ASSERT_TRUE(result);
  EXPECT_THAT(result->ceilings.figures, ElementsAre(even(kKind)));
  EXPECT_THAT(result->missing, ElementsAre(MissingCeiling{CeilingKind::fp8_peak, "no FP8. Buy."}));
  EXPECT_THAT(result->notes, IsEmpty());
  EXPECT_FALSE(result->partial);
}

TEST(CeilingCollector, NotesSamplesThatLieFarApart) {
  NoProgress progress;
  const StopFlag stop;
  CeilingCollector collector({}, 1, progress, stop);
  CeilingFigure figure = even(kKind);
  figure.spread->high = 3.0;
  collector.take(kKind, "memory", [&] { return Result<CeilingFigure>(figure); });
  const auto result = collector.finish();
  ASSERT_TRUE(result);
  EXPECT_THAT(result->notes, ElementsAre(HasSubstr("memory: the highest sample is 3.0 times the lowest")));
}

TEST(CeilingCollector, MeasuresNoMoreOnceItIsStopped) {
  NoProgress progress;
  StopFlag stop;
  CeilingCollector collector({}, 2, progress, stop);
  collector.take(kKind, "memory", [] { return Result<CeilingFigure>(even(kKind)); });
  stop.request();
  collector.take(CeilingKind::fp32_peak, "FP32", []() -> Result<CeilingFigure> {
    ADD_FAILURE() << "measured after the stop";
    return fail("");
  });
  const auto result = collector.finish();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->partial);
  EXPECT_THAT(result->ceilings.figures, SizeIs(1));
}

TEST(CeilingCollector, WithoutAnyFigureItFailsWithTheFirstReason) {
  NoProgress progress;
  StopFlag stop;
  CeilingCollector collector({}, 2, progress, stop);
  collector.take(kKind, "memory", []() -> Result<CeilingFigure> { return fail("first"); });
  collector.take(kKind, "memory", []() -> Result<CeilingFigure> { return fail("second"); });
  const auto result = collector.finish();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "first");
  stop.request();
  CeilingCollector stopped({}, 1, progress, stop);
  stopped.take(kKind, "memory", [] { return Result<CeilingFigure>(even(kKind)); });
  const auto none = stopped.finish();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::interrupted);
}

}  // namespace
}  // namespace trtprof
