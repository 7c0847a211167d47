#include "trtprof/optimize/loop/loop_report.h"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/fake_loop.h"

namespace trtprof::test {
namespace {

LoopOutcome run(ScriptedActions& actions) {
  auto outcome = run_loop(actions, {.budget = 10000.0}, {}, [](const LoopEvent&) { return Status{}; });
  EXPECT_TRUE(outcome.has_value());
  return std::move(*outcome);
}

// The guide's own figures: 14.5 ms, then 9.2, then 7.1.
ScriptedActions guides_example() {
  ScriptedActions actions;
  actions.candidates = {candidate("f16", LoopStep::half), candidate("int8", LoopStep::int8)};
  actions.candidates[1].change = {.precision = std::vector<std::string>{"--precision", "int8"}};
  actions.script["f16"] = {.ratio = 9.2 / 14.5};
  actions.script["int8"] = {.ratio = 7.1 / 14.5};
  return actions;
}

TEST(LoopReport, TheGuidesStaircase) {
  EXPECT_EQ(improvement_text(0.0145, 0.0092), "(14.5000 - 9.2000) / 14.5000 = 37 %");
  ScriptedActions actions = guides_example();
  const LoopOutcome outcome = run(actions);
  const std::vector<StaircaseRow> rows = staircase_of(outcome.state);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].name, "given");
  EXPECT_EQ(rows[0].step, LoopStep::fp32);
  EXPECT_EQ(rows[1].name, "f16");
  EXPECT_NEAR(rows[1].improvement, 1.0 - 9.2 / 14.5, 1e-12);
  EXPECT_EQ(rows[2].name, "int8");
  EXPECT_NEAR(rows[2].improvement, 1.0 - 7.1 / 14.5, 1e-12) << "over the first, through the one between";
  EXPECT_NEAR(rows[2].seconds, ScriptedActions::kGiven * 7.1 / 14.5, 1e-12);
  EXPECT_NEAR(rows[2].items_per_second, 1.0 / rows[2].seconds, 1e-9);
}

TEST(LoopReport, ItemsASecondCountTheBatch) {
  ScriptedActions actions = guides_example();
  actions.given_batch = 64;
  const LoopOutcome outcome = run(actions);
  EXPECT_NEAR(staircase_of(outcome.state)[0].items_per_second, 64.0 / ScriptedActions::kGiven, 1e-6);
}

Candidate batch_candidate(const std::string& name, bool competes) {
  Candidate made = candidate(name, LoopStep::batch);
  made.change = {.run = {{"--batch", "64"}}};
  made.competes = competes;
  return made;
}

// Seconds of a look at another batch are of one item, those of the other looks of an inference.
TEST(LoopReport, ALookAtAnotherBatchIsOnTheScaleOfTheOthers) {
  ScriptedActions actions;
  actions.given_batch = 16;
  actions.candidates = {batch_candidate("batch-64", false), candidate("passes-3")};
  actions.script["batch-64"] = {.ratio = 0.8, .batch = 64};
  actions.script["passes-3"] = {.ratio = 0.9};
  LoopOutcome outcome = run(actions);
  constexpr double given = ScriptedActions::kGiven;
  for (const bool old_journal : {false, true}) {
    if (old_journal) {
      for (CandidateRecord& record : outcome.state.records) record.looks.back().per_item.reset();
    }
    EXPECT_NEAR(seconds_of_given(outcome.state).value(), given, 1e-12);
    const std::vector<StaircaseRow> rows = staircase_of(outcome.state);
    ASSERT_EQ(rows.size(), 2U) << "a batch that does not compete is no step";
    EXPECT_NEAR(rows[0].items_per_second, 16.0 / given, 1e-6);
    EXPECT_NEAR(rows[1].seconds, 0.9 * given, 1e-12);
    const std::vector<ParetoPoint> points = pareto_of(outcome.state);
    ASSERT_EQ(points.size(), 3U);
    EXPECT_NEAR(points[0].latency.value(), given, 1e-12);
    EXPECT_NEAR(points[1].latency.value(), given * 0.8 * 4.0, 1e-12);
    EXPECT_NEAR(points[1].throughput.value(), 16.0 / given / 0.8, 1e-6);
    EXPECT_NEAR(points[2].latency.value(), 0.9 * given, 1e-12);
    EXPECT_NEAR(points[2].throughput.value(), 16.0 / (0.9 * given), 1e-6);
  }
}

TEST(LoopReport, ABatchThatWinsIsAStepByTheTimeOfAnItem) {
  ScriptedActions actions;
  actions.given_batch = 16;
  actions.candidates = {candidate("passes-3"), batch_candidate("batch-64", true)};
  actions.script["passes-3"] = {.ratio = 0.9};
  actions.script["batch-64"] = {.ratio = 0.6, .batch = 64};
  const LoopOutcome outcome = run(actions);
  const std::vector<StaircaseRow> rows = staircase_of(outcome.state);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2].step, LoopStep::batch);
  EXPECT_NEAR(rows[2].seconds, ScriptedActions::kGiven * 0.6 * 4.0, 1e-12) << "of an inference of 64";
  EXPECT_NEAR(rows[2].items_per_second, 16.0 / ScriptedActions::kGiven / 0.6, 1e-6);
  EXPECT_NEAR(rows[2].improvement, 0.4, 1e-12);
  EXPECT_EQ(improvement_text(rows[0], rows[2]), "(0.6250 - 0.3750) / 0.6250 = 40 % of the time of an item");
  EXPECT_EQ(improvement_text(rows[0], rows[1]), "(10.0000 - 9.0000) / 10.0000 = 10 %");
}

// Medians and the paired means of the comparison differ a little; one report has one figure.
TEST(LoopReport, TheStaircaseAndTheParetoTableHaveTheSameTimes) {
  ScriptedActions actions = guides_example();
  LoopOutcome outcome = run(actions);
  for (CandidateRecord& record : outcome.state.records) {
    record.looks.back().a.latency = *record.looks.back().a.latency * 1.03;
    record.looks.back().b.latency = *record.looks.back().b.latency * 0.96;
  }
  const std::vector<StaircaseRow> rows = staircase_of(outcome.state);
  const std::vector<ParetoPoint> points = pareto_of(outcome.state);
  ASSERT_EQ(rows.size(), points.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].name, points[i].name);
    EXPECT_NEAR(rows[i].seconds, points[i].latency.value(), 1e-12) << rows[i].name;
    EXPECT_NEAR(rows[i].items_per_second, points[i].throughput.value(), 1e-6) << rows[i].name;
  }
}

// Several in flight: what is judged is the time from one completion to the next, and the latency is the medians'.
TEST(LoopReport, OfIntervalsTheThroughputIsWhatWasJudged) {
  ScriptedActions actions;
  actions.candidates = {candidate("passes-3")};
  actions.script["passes-3"] = {.ratio = 0.5};
  LoopOutcome outcome = run(actions);
  LookFacts& look = outcome.state.records[0].looks.back();
  look.figure = FigureKind::interval;
  look.a.latency = 0.040;
  look.b.latency = 0.030;
  look.a.interval = 0.011;
  look.b.interval = 0.006;
  const std::vector<ParetoPoint> points = pareto_of(outcome.state);
  EXPECT_NEAR(points[0].throughput.value(), 100.0, 1e-9);
  EXPECT_NEAR(points[1].throughput.value(), 200.0, 1e-9);
  EXPECT_NEAR(points[0].latency.value(), 0.040, 1e-12);
  EXPECT_NEAR(points[1].latency.value(), 0.030, 1e-12);
}

TEST(LoopReport, TheStepOfTheGivenModelIsWhatItComputesIn) {
  ScriptedActions actions = guides_example();
  LoopOutcome outcome = run(actions);
  const auto step_of_given = [&](std::map<std::string, std::size_t> layers, const std::string& precision) {
    outcome.state.baseline->facts.heavy_layers = std::move(layers);
    outcome.state.baseline->facts.precision = precision;
    const std::vector<StaircaseRow> rows = staircase_of(outcome.state);
    const auto given = std::ranges::find(rows, "given", &StaircaseRow::name);
    return given == rows.end() ? LoopStep::custom : given->step;
  };
  EXPECT_EQ(step_of_given({{"f32", 4}}, "bf16"), LoopStep::fp32);
  EXPECT_EQ(step_of_given({{"f32", 17}, {"tf32", 36}}, "f32 and tf32"), LoopStep::fp32);
  EXPECT_EQ(step_of_given({{"bf16", 4}}, "bf16"), LoopStep::half);
  EXPECT_EQ(step_of_given({{"i8", 12}, {"u8", 23}}, "bf16"), LoopStep::int8) << "a Q/DQ model as it was given";
  EXPECT_EQ(step_of_given({{"i8", 12}, {"f32", 2}}, "f32"), LoopStep::int8);
  EXPECT_EQ(step_of_given({{"i8", 36}, {"f16", 17}}, "f16 and i8"), LoopStep::mixed);
  EXPECT_EQ(step_of_given({}, "f16 and i8"), LoopStep::mixed);
  EXPECT_EQ(step_of_given({}, "i8"), LoopStep::int8);
  EXPECT_EQ(step_of_given({}, "f32"), LoopStep::fp32);
}

// ---- accuracy: the reference is the most accurate

const ParetoPoint& named(const std::vector<ParetoPoint>& points, const std::string& name) {
  return *std::ranges::find(points, name, &ParetoPoint::name);
}

TEST(LoopReport, WhatIsIdenticalHasTheReferencesAccuracy) {
  ScriptedActions actions;
  actions.candidates = {candidate("f32", LoopStep::fp32), candidate("f16", LoopStep::half)};
  actions.script["f32"] = {.ratio = 1.5};
  actions.script["f16"] = {.ratio = 0.7};
  LoopOutcome outcome = run(actions);
  outcome.state.baseline->facts.heavy_layers = {{"bf16", 4}};
  AccuracyFacts itself;
  itself.identical = true;
  AccuracyFacts& f16 = *outcome.state.records[1].accuracy;
  AccuracyFacts& given = outcome.state.baseline->accuracy.emplace(f16);
  const auto f32_score = [&]() -> std::optional<double> {
    outcome.state.records[0].accuracy = itself;
    const std::vector<ParetoPoint> points = pareto_of(outcome.state);
    EXPECT_TRUE(named(points, "f32").exact);
    EXPECT_TRUE(named(points, "f32").front) << "the most accurate";
    EXPECT_FALSE(named(points, "given").exact);
    return named(points, "f32").score;
  };
  given.top1 = 0.98;
  given.reference_top1 = f16.reference_top1 = 0.991;
  EXPECT_EQ(f32_score(), 0.991);
  given.top1 = given.reference_top1 = f16.top1 = f16.reference_top1 = std::nullopt;
  given.agreement = f16.agreement = 0.98;
  EXPECT_EQ(f32_score(), 1.0);
  given.random_data = f16.random_data = true;
  given.sqnr_db = f16.sqnr_db = 41.0;
  EXPECT_EQ(f32_score(), std::numeric_limits<double>::infinity());
}

TEST(LoopReport, AGivenModelInF32IsTheReferenceAndOneInOtherTypesIsNotMeasured) {
  ScriptedActions actions;
  actions.candidates = {candidate("f16", LoopStep::half)};
  actions.script["f16"] = {.ratio = 0.7};
  LoopOutcome outcome = run(actions);
  AccuracyFacts& f16 = *outcome.state.records[0].accuracy;
  f16.random_data = true;
  f16.top1 = f16.reference_top1 = std::nullopt;
  f16.sqnr_db = 60.0;
  outcome.state.records[0].looks.back().b.file_bytes = 10;
  std::vector<ParetoPoint> points = pareto_of(outcome.state);
  EXPECT_TRUE(points[0].exact);
  EXPECT_TRUE(points[0].front) << "slower and larger, and exact";
  EXPECT_EQ(points[1].score, 60.0);
  outcome.state.baseline->facts.heavy_layers = {{"i8", 4}};
  points = pareto_of(outcome.state);
  EXPECT_FALSE(points[0].exact);
  EXPECT_EQ(points[0].score, std::nullopt);
}

// A machine that became twice as slow between two comparisons.
TEST(LoopReport, TimesOfSeveralComparisonsAreOnOneScale) {
  ScriptedActions actions = guides_example();
  LoopOutcome outcome = run(actions);
  LookFacts& later = outcome.state.records[1].looks.back();
  later.seconds_a *= 2.0;
  later.seconds_b *= 2.0;
  later.a.latency = *later.a.latency * 2.0;
  later.b.latency = *later.b.latency * 2.0;
  EXPECT_NEAR(staircase_of(outcome.state)[2].seconds, ScriptedActions::kGiven * 7.1 / 14.5, 1e-12);
  EXPECT_NEAR(pareto_of(outcome.state)[2].latency.value(), ScriptedActions::kGiven * 7.1 / 14.5, 1e-12);
}

TEST(LoopReport, WhereTheEngineComputesInHalfTheStaircaseBeginsAtTheF32Candidate) {
  ScriptedActions actions;
  actions.candidates = {candidate("f32", LoopStep::fp32)};
  actions.script["f32"] = {.ratio = 1.5};
  LoopOutcome outcome = run(actions);
  outcome.state.baseline->facts.heavy_layers = {{"bf16", 4}};
  const std::vector<StaircaseRow> rows = staircase_of(outcome.state);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "f32");
  EXPECT_EQ(rows[1].name, "given");
  EXPECT_EQ(rows[1].step, LoopStep::half);
  EXPECT_NEAR(rows[1].improvement, 1.0 / 3.0, 1e-12);
}

ParetoPoint point(const std::string& name, double latency, double score, std::uint64_t bytes) {
  ParetoPoint made;
  made.name = name;
  made.latency = latency;
  made.throughput = 1.0 / latency;
  made.score = score;
  made.file_bytes = bytes;
  return made;
}

TEST(LoopReport, TheParetoFront) {
  std::vector<ParetoPoint> points = {point("given", 10.0, 0.99, 100), point("fast", 5.0, 0.98, 100),
                                     point("small", 10.0, 0.99, 50), point("useless", 6.0, 0.97, 100),
                                     point("wrong", 1.0, 0.5, 10)};
  points[4].in_gate = false;
  mark_front(points);
  EXPECT_FALSE(points[0].front) << "small is as good in all and smaller";
  EXPECT_TRUE(points[1].front);
  EXPECT_TRUE(points[2].front);
  EXPECT_FALSE(points[3].front);
  EXPECT_FALSE(points[4].front) << "outside the gate it is no choice";
  // What is not known of one is no reason.
  points[3].score.reset();
  points[3].joules = 1.0;
  mark_front(points);
  EXPECT_FALSE(points[3].front);
  points[1].joules = 2.0;
  mark_front(points);
  EXPECT_TRUE(points[3].front) << "it takes less energy";
}

}  // namespace
}  // namespace trtprof::test
