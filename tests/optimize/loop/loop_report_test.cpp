#include "trtprof/optimize/loop/loop_report.h"

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
  LoopOutcome outcome = run(actions);
  outcome.state.baseline->facts.batch = 64;
  EXPECT_NEAR(staircase_of(outcome.state)[0].items_per_second, 64.0 / ScriptedActions::kGiven, 1e-6);
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
