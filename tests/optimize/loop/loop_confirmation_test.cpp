// The winner beside the given model: kept, or taken back, and what comes after that.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/loop_fixture.h"
#include "trtprof/optimize/loop/loop.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST_F(Loop, AWinnerThatTheGivenModelBeatsInTheEndIsTakenBack) {
  add("fluke", {.ratio = 0.97, .spread = 0.02, .confirmed_ratio = 1.04});
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "fluke"), DecisionKind::accepted);
  EXPECT_TRUE(outcome.state.find("fluke")->taken_back());
  EXPECT_FALSE(outcome.state.find("fluke")->accepted());
  EXPECT_FALSE(outcome.state.confirmation->result->kept);
  EXPECT_EQ(winner_of(outcome), "given");
  EXPECT_THAT(actions_.kept, ElementsAre("", "fluke", ""));
}

// The journal of a run whose winner was taken back, and more candidates or more time: nothing is built on it again.
TEST_F(Loop, WhatComesAfterATakeBackIsBuiltOnTheGivenModel) {
  add("fluke", {.ratio = 0.97, .spread = 0.02, .confirmed_ratio = 1.04});
  actions_.candidates.push_back(candidate("half", LoopStep::half));
  actions_.candidates.back().change = {.precision = std::vector<std::string>{"--precision", "f16"}};
  actions_.script["half"] = {.ratio = 0.5};
  const LoopOutcome shorter = run(29.0);
  ASSERT_EQ(shorter.end, LoopEnd::budget_over);
  ASSERT_TRUE(shorter.state.find("fluke")->taken_back());
  EXPECT_FALSE(shorter.state.find("fluke")->accepted());
  EXPECT_EQ(shorter.state.best(), nullptr);
  ASSERT_FALSE(shorter.state.find("half")->started);
  actions_.done.clear();
  const LoopOutcome outcome = go_on(1000.0);
  EXPECT_EQ(winner_of(outcome), "half");
  EXPECT_EQ(outcome.state.find("half")->started->against, "");
  EXPECT_THAT(outcome.state.find("half")->recipe().optimize_options(), ElementsAre("--precision", "f16"));
  EXPECT_TRUE(outcome.state.find("half")->confirmed->kept);
  EXPECT_EQ(actions_.kept.back(), "half");
}

// One that was begun on a best that was taken back begins anew.
TEST_F(Loop, WhatWasBegunOnATakenBackBestBeginsAnew) {
  add("fluke", {.ratio = 0.97, .spread = 0.02, .confirmed_ratio = 1.04});
  add("half", {.ratio = 0.5});
  run(29.0);
  const auto confirmed = std::ranges::find_if(
      events_, [](const LoopEvent& event) { return std::holds_alternative<Confirmed>(event.what); });
  ASSERT_NE(confirmed, events_.end());
  const Recipe on_fluke = apply_change(apply_change({}, actions_.candidates[0].change), actions_.candidates[1].change);
  events_.insert(confirmed, {{"half", 0.0, CandidateStarted{on_fluke, "fluke"}},
                             {"half", 1.0, CandidateMade{"candidates/half", "half on fluke", 1000}}});
  actions_.done.clear();
  const LoopOutcome outcome = go_on(1000.0);
  EXPECT_EQ(winner_of(outcome), "half");
  EXPECT_EQ(outcome.state.find("half")->started->against, "");
  EXPECT_EQ(outcome.state.find("half")->made->sha256, "half");
  EXPECT_THAT(actions_.done, Contains("make half"));
}

// Faster than 'first', and not than what was given: 'first' is what there is, when its own launches agree.
TEST_F(Loop, TheOneBeforeATakenBackOneIsConfirmedItself) {
  for (const bool agrees : {true, false}) {
    actions_ = {};
    events_.clear();
    add("first", {.ratio = 0.9, .confirmed_ratio = agrees ? 0.92 : 1.05});
    add("second", {.ratio = 0.8, .confirmed_ratio = 1.03});
    const LoopOutcome outcome = run();
    EXPECT_TRUE(outcome.state.find("second")->taken_back());
    EXPECT_THAT(actions_.done, Contains("confirm first"));
    EXPECT_EQ(outcome.state.find("first")->taken_back(), !agrees);
    EXPECT_EQ(winner_of(outcome), agrees ? "first" : "given");
    EXPECT_EQ(actions_.kept.back(), agrees ? "first" : "");
    EXPECT_FALSE(outcome.state.best_is_in_doubt());
  }
}

// What was begun on the one that was taken back waits until the one before it is known.
TEST_F(Loop, NothingIsBuiltOnABestInDoubt) {
  add("first", {.ratio = 0.9, .confirmed_ratio = 1.05});
  add("second", {.ratio = 0.8, .confirmed_ratio = 1.03});
  add("third", {.ratio = 0.7});
  run(40.0);
  const auto confirmed = std::ranges::find_if(
      events_, [](const LoopEvent& event) { return std::holds_alternative<Confirmed>(event.what); });
  ASSERT_NE(confirmed, events_.end());
  ASSERT_EQ(confirmed->candidate, "second");
  events_.erase(confirmed + 1, events_.end());
  events_.insert(confirmed, {"third", 0.0, CandidateStarted{Recipe{}, "second"}});
  actions_.done.clear();
  const LoopOutcome outcome = go_on(1000.0);
  ASSERT_FALSE(actions_.done.empty());
  EXPECT_EQ(actions_.done.front(), "confirm first");
  EXPECT_EQ(outcome.state.find("third")->started->against, "") << "'first' was taken back, too";
  EXPECT_EQ(winner_of(outcome), "third");
}

TEST_F(Loop, WithoutTimeToConfirmTheOneBeforeWhatWasGivenIsTheResult) {
  add("first", {.ratio = 0.9});
  add("second", {.ratio = 0.8, .confirmed_ratio = 1.03});
  const LoopOutcome outcome = run(40.0);
  ASSERT_TRUE(outcome.state.find("second")->taken_back());
  EXPECT_TRUE(outcome.state.best_is_in_doubt());
  EXPECT_EQ(winner_of(outcome), "given");
  EXPECT_EQ(actions_.kept.back(), "");
}

TEST_F(Loop, AnUndecidedConfirmationIsLookedAtAgain) {
  add("fast", {.ratio = 0.95, .spread = 0.04, .confirmed_ratio = 0.98});
  const LoopOutcome outcome = run();
  ASSERT_TRUE(outcome.state.confirmation && outcome.state.confirmation->result);
  EXPECT_GE(outcome.state.confirmation->looks.size(), 2U);
  EXPECT_EQ(winner_of(outcome), "fast");
}

}  // namespace
}  // namespace trtprof::test
