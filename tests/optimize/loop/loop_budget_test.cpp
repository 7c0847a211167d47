// How the loop spends its time, and what an interrupt leaves.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/loop_fixture.h"
#include "trtprof/optimize/loop/loop.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST_F(Loop, TheFirstStepOfTheStaircaseTakesLittleTime) {
  add("f32", {.ratio = 1.05, .spread = 0.3});
  actions_.candidates.back().step = LoopStep::fp32;
  const LoopOutcome outcome = run(10000.0);
  EXPECT_EQ(kind_of(outcome, "f32"), DecisionKind::undecided);
  ASSERT_EQ(outcome.state.find("f32")->looks.size(), 1U);
  EXPECT_EQ(outcome.state.find("f32")->looks[0].launches, 3U);
}

TEST_F(Loop, TheBudgetEndsItAndWhatIsLeftIsNamed) {
  for (const char* name : {"one", "two", "three", "four", "five"}) add(name, {.ratio = 1.2});
  const LoopOutcome outcome = run(40.0);
  EXPECT_EQ(outcome.end, LoopEnd::budget_over);
  EXPECT_LE(outcome.state.elapsed, 40.0);
  EXPECT_TRUE(outcome.state.find("one")->decision);
  const CandidateRecord& last = *outcome.state.find("five");
  EXPECT_FALSE(last.decision);
  EXPECT_EQ(why_not_tried(outcome.state, last, outcome.end), "the budget had no time left for it");
}

Candidate searching(const std::string& name, const std::string& limit) {
  Candidate made = candidate(name, LoopStep::int8);
  made.change = {.precision = std::vector<std::string>{"--precision", name, "--sensitivity-budget", limit}};
  return made;
}

// A search takes what it may: it is counted before it begins, and gets what is left.
TEST_F(Loop, ASearchIsWithinTheBudget) {
  add("one", {.ratio = 1.2});
  actions_.candidates.push_back(searching("int8-sensitive", "100s"));
  actions_.script["int8-sensitive"] = {.ratio = 1.2};
  for (const double budget : {30.0, 40.0, 60.0, 90.0, 120.0, 160.0, 300.0}) {
    actions_.searched.clear();
    const LoopOutcome outcome = run(budget);
    EXPECT_LE(outcome.state.elapsed, budget) << budget;
    if (budget <= 30.0) {
      EXPECT_THAT(actions_.searched, ElementsAre()) << budget;
    }
    if (budget >= 40.0 && budget < 110.0) {
      ASSERT_EQ(actions_.searched.size(), 1U) << budget;
      EXPECT_LT(actions_.searched[0], budget - 16.0);
      EXPECT_GE(actions_.searched[0], 10.0);
    }
    if (budget >= 160.0) {
      EXPECT_THAT(actions_.searched, ElementsAre(100.0)) << budget;
    }
  }
}

TEST_F(Loop, OneWithoutASearchIsTriedWhereThereIsNoTimeForThatOne) {
  add("one", {.ratio = 1.2});
  actions_.candidates.push_back(searching("int8-sensitive", "100s"));
  add("fast", {.ratio = 0.8});
  const LoopOutcome outcome = run(30.0);
  EXPECT_FALSE(outcome.state.find("int8-sensitive")->started);
  EXPECT_EQ(kind_of(outcome, "fast"), DecisionKind::accepted);
}

// The search of one is no measure of how long the next takes that searches for nothing.
TEST_F(Loop, TheSecondsOfASearchAreNotThoseOfTheNextCandidate) {
  actions_.candidates.push_back(searching("int8-sensitive", "100s"));
  actions_.script["int8-sensitive"] = {.ratio = 1.2};
  add("fast", {.ratio = 0.8});
  EXPECT_EQ(winner_of(run(160.0)), "fast");
}

// What took longer to make than the budget is not launched on top of it.
TEST_F(Loop, WhatIsMadeTooLateIsNotLaunched) {
  add("slow-to-make", {.ratio = 0.5, .make_seconds = 100.0});
  const LoopOutcome outcome = run(50.0);
  EXPECT_EQ(outcome.end, LoopEnd::budget_over);
  EXPECT_THAT(actions_.done, ElementsAre("baseline", "make slow-to-make"));
  EXPECT_FALSE(outcome.state.find("slow-to-make")->decision);
  EXPECT_EQ(winner_of(go_on(1000.0)), "slow-to-make") << "with more time it goes on";
}

TEST_F(Loop, TimeForTheConfirmationIsKept) {
  add("fast", {.ratio = 0.8});
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) add(name, {.ratio = 1.1});
  for (const double budget : {30.0, 40.0, 50.0, 60.0, 80.0}) {
    actions_.done.clear();
    const LoopOutcome outcome = run(budget);
    EXPECT_THAT(actions_.done, Contains("confirm fast")) << budget;
    EXPECT_EQ(outcome.state.confirmation->looks.front().launches, 5U) << budget << ": it was kept for as many";
    EXPECT_EQ(winner_of(outcome), "fast") << budget;
    EXPECT_LE(outcome.state.elapsed, budget + 2.0 * ScriptedActions::kLaunch) << budget;
  }
}

TEST_F(Loop, InterruptedItKeepsTheBestSoFarAndSaysSo) {
  add("fast", {.ratio = 0.8});
  add("faster", {.ratio = 0.6});
  actions_.interrupted_by = "look faster";
  const LoopOutcome outcome = run();
  EXPECT_EQ(outcome.end, LoopEnd::interrupted);
  EXPECT_EQ(winner_of(outcome), "fast");
  EXPECT_EQ(actions_.kept.back(), "fast");
  EXPECT_FALSE(outcome.state.find("faster")->decision) << "an interrupt decides nothing";
}

}  // namespace
}  // namespace trtprof::test
