// The loop with scripted actions: what it accepts, and why.
#include "trtprof/optimize/loop/loop.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/loop_fixture.h"
#include "trtprof/optimize/loop/candidates.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(Loop, AFasterOneIsAcceptedKeptAndConfirmed) {
  add("fast", {.ratio = 0.8});
  const LoopOutcome outcome = run();
  EXPECT_EQ(winner_of(outcome), "fast");
  EXPECT_EQ(outcome.end, LoopEnd::all_tried);
  EXPECT_THAT(actions_.kept, ElementsAre("", "fast"));
  EXPECT_THAT(actions_.done, ElementsAre("baseline", "make fast", "accuracy fast", "look fast", "confirm fast"));
  ASSERT_TRUE(outcome.state.confirmation && outcome.state.confirmation->result);
  EXPECT_TRUE(outcome.state.confirmation->result->kept);
  EXPECT_THAT(outcome.state.find("fast")->decision->reason, HasSubstr("-20.0 %"));
  EXPECT_THAT(outcome.state.find("fast")->decision->reason, HasSubstr("50 layers where there were 100"));
}

TEST_F(Loop, ASlowerOneStopsAfterTheFirstLook) {
  add("slow", {.ratio = 1.2});
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "slow"), DecisionKind::slower);
  EXPECT_EQ(winner_of(outcome), "given");
  EXPECT_THAT(actions_.kept, ElementsAre(""));
  EXPECT_EQ(std::ranges::count(actions_.done, "look slow"), 1);
  EXPECT_THAT(actions_.done, Not(Contains("confirm slow")));
}

TEST_F(Loop, OneThatCannotWinAnyMoreStopsAlthoughItIsUndecided) {
  // [-0.5 %, +5.5 %]: neither SAME nor SLOWER, and no gain of 1 % in it.
  add("hopeless", {.ratio = 1.025, .spread = 0.03});
  EXPECT_EQ(kind_of(run(), "hopeless"), DecisionKind::not_faster);
  EXPECT_EQ(std::ranges::count(actions_.done, "look hopeless"), 1);
}

TEST_F(Loop, AFasterOneThatIsWrongIsNotEvenTimed) {
  add("wrong", {.ratio = 0.3, .right = false});
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "wrong"), DecisionKind::inaccurate);
  EXPECT_EQ(outcome.state.find("wrong")->decision->reason, "Top-1 drops by 49 points.");
  EXPECT_EQ(winner_of(outcome), "given");
  EXPECT_THAT(actions_.done, Not(Contains("look wrong")));
}

TEST_F(Loop, AFasterOneWithoutItsMechanismIsLuck) {
  add("lucky", {.ratio = 0.8, .seen = false});
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "lucky"), DecisionKind::no_mechanism);
  EXPECT_THAT(outcome.state.find("lucky")->decision->reason, HasSubstr("100 layers where there were 100"));
  EXPECT_EQ(winner_of(outcome), "given");
}

// As propose_candidates() has them: the first is to compute in INT8, the next one to change what is around it.
TEST_F(Loop, AVariantOfAnInt8BestIsAcceptedForWhatItChanges) {
  const RunFacts given = facts_of_layers(100, ScriptedActions::kGiven);
  ProposalRequest request{given};
  request.has_data = true;
  request.only = {"int8", "int8+f16", "int8-float-depthwise"};
  actions_.candidates = propose_candidates(request).candidates;
  ASSERT_EQ(actions_.candidates.size(), 3U);
  actions_.script["int8"] = {.ratio = 0.8, .heavy_layers = {{"i8", 4}}, .reformats = 2};
  actions_.script["int8-float-depthwise"] = {.ratio = 0.7, .heavy_layers = {{"i8", 3}, {"f32", 1}}, .reformats = 4};
  actions_.script["int8+f16"] = {.ratio = 0.6, .heavy_layers = {{"i8", 4}}, .reformats = 1};
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "int8"), DecisionKind::accepted);
  EXPECT_EQ(kind_of(outcome, "int8-float-depthwise"), DecisionKind::no_mechanism) << "more reformats";
  EXPECT_EQ(kind_of(outcome, "int8+f16"), DecisionKind::accepted);
  EXPECT_THAT(outcome.state.find("int8+f16")->decision->reason, HasSubstr("1 reformat in"));
  EXPECT_EQ(winner_of(outcome), "int8+f16");
}

TEST_F(Loop, AnUndecidedOneIsLookedAtAgainUntilItIs) {
  // -3 %: +-5 %, then +-2.5 %.
  add("near", {.ratio = 0.97, .spread = 0.05});
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "near"), DecisionKind::accepted);
  EXPECT_EQ(outcome.state.find("near")->looks.size(), 2U);
  EXPECT_EQ(outcome.state.find("near")->looks.back().launches, 10U) << "the second look doubles the launches";
}

TEST_F(Loop, OneThatNoLookDecidesIsRejectedAndSaysSo) {
  add("noisy", {.ratio = 0.99, .spread = 0.5});
  const LoopOutcome outcome = run(10000.0);
  EXPECT_EQ(kind_of(outcome, "noisy"), DecisionKind::undecided);
  EXPECT_EQ(outcome.state.find("noisy")->looks.size(), 4U);
  EXPECT_THAT(outcome.state.find("noisy")->decision->reason, HasSubstr("40 launches of each"));
  EXPECT_EQ(winner_of(outcome), "given");
}

TEST_F(Loop, AFailureIsNotTheEndOfTheLoop) {
  add("unmakable", {.make_error = "no pass can"});
  add("crashing", {.look_error = "launch 1 of B ended with exit code 139"});
  add("fast", {.ratio = 0.8});
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "unmakable"), DecisionKind::failed);
  EXPECT_EQ(outcome.state.find("unmakable")->decision->reason, "No pass can.");
  EXPECT_EQ(kind_of(outcome, "crashing"), DecisionKind::failed);
  EXPECT_EQ(winner_of(outcome), "fast");
}

// A full disk says nothing of a candidate: it is tried again when the run goes on.
TEST_F(Loop, AFailureOfTheMachineEndsTheLoopAndDecidesNothing) {
  struct OnAFullDisk : ScriptedActions {
    bool ends_loop(const Error& error) override { return error.message == "no space left"; }
  };
  for (const ScriptedCandidate& script : {ScriptedCandidate{.ratio = 0.8, .make_error = "no space left"},
                                          ScriptedCandidate{.ratio = 0.8, .look_error = "no space left"}}) {
    OnAFullDisk actions;
    actions.candidates = {candidate("fast")};
    actions.script["fast"] = script;
    std::vector<LoopEvent> events;
    const auto record = [&](const LoopEvent& event) {
      events.push_back(event);
      return Status{};
    };
    const auto outcome = run_loop(actions, {}, {}, record);
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().message, "no space left");
    EXPECT_THAT(outcome.error().hint, HasSubstr("goes on where this one ended"));
    LoopState state;
    for (const LoopEvent& event : events) ASSERT_TRUE(apply_event(state, event));
    EXPECT_FALSE(state.find("fast")->decision.has_value());
    actions.script["fast"] = {.ratio = 0.8};
    const auto resumed = run_loop(actions, {}, std::move(state), record);
    ASSERT_TRUE(resumed.has_value());
    EXPECT_EQ(winner_of(*resumed), "fast");
  }
}

// It is no verdict on the winner, and a run that goes on from there tries again.
TEST_F(Loop, AConfirmationThatFailsIsNotRecorded) {
  struct Failing : ScriptedActions {
    Result<LookFacts> look(const LookRequest& request) override {
      if (request.confirmation && fails) return fail("the device fell off the bus");
      return ScriptedActions::look(request);
    }
    bool fails = true;
  };
  Failing actions;
  actions.candidates = {candidate("fast")};
  actions.script["fast"] = {.ratio = 0.8};
  LoopState state;
  const auto record = [&](const LoopEvent& event) {
    return apply_event(state, event) ? Status{} : Status(fail("cannot come"));
  };
  const auto outcome = run_loop(actions, {}, {}, record);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(winner_of(*outcome), "fast") << "what was accepted stays";
  EXPECT_THAT(outcome->state.confirmation->result->reason, HasSubstr("fell off the bus"));
  EXPECT_FALSE(state.confirmation.has_value());
  actions.fails = false;
  actions.script["fast"].confirmed_ratio = 1.2;
  const LoopState before = state;
  const auto resumed = run_loop(actions, {}, before, record);
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(winner_of(*resumed), "given") << "the launches of its own do not agree";
}

TEST_F(Loop, EachIsMeasuredAgainstTheBestBeforeItAndBuiltOnIt) {
  add("passes", {.ratio = 0.9});
  actions_.candidates.push_back(candidate("half", LoopStep::half));
  actions_.candidates.back().change = {.precision = std::vector<std::string>{"--precision", "f16"}};
  actions_.script["half"] = {.ratio = 0.5};
  add("slower-than-best", {.ratio = 0.6});
  const LoopOutcome outcome = run();
  EXPECT_EQ(winner_of(outcome), "half");
  const CandidateStarted& half = *outcome.state.find("half")->started;
  EXPECT_EQ(half.against, "passes");
  EXPECT_THAT(half.recipe.optimize_options(), ElementsAre("--passes", "passes", "--precision", "f16"));
  EXPECT_EQ(kind_of(outcome, "slower-than-best"), DecisionKind::slower) << "faster than the given model, not than half";
  EXPECT_THAT(actions_.kept, ElementsAre("", "passes", "half"));
}

TEST_F(Loop, TheSameBytesAreNotMeasured) {
  add("nothing-to-do", {.sha256 = "given"});
  add("first", {.ratio = 1.1, .sha256 = "twin"});
  add("second", {.ratio = 1.1, .sha256 = "twin"});
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "nothing-to-do"), DecisionKind::same_model);
  EXPECT_EQ(kind_of(outcome, "second"), DecisionKind::same_model);
  EXPECT_THAT(outcome.state.find("second")->decision->reason, HasSubstr("'first'"));
  EXPECT_THAT(actions_.done, Not(Contains("look nothing-to-do")));
  EXPECT_THAT(actions_.done, Not(Contains("accuracy second")));
}

// One was rejected beside the given model, one is the given model: known, whatever the best is now.
TEST_F(Loop, BytesThatAnOlderBestWasComparedWithAreKnown) {
  add("first", {.ratio = 1.1, .sha256 = "twin"});
  add("fast", {.ratio = 0.8});
  add("second", {.ratio = 1.1, .sha256 = "twin"});
  add("nothing-to-do", {.sha256 = "given"});
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "second"), DecisionKind::same_model);
  EXPECT_EQ(kind_of(outcome, "nothing-to-do"), DecisionKind::same_model);
  EXPECT_EQ(outcome.state.find("nothing-to-do")->decision->reason, "It is the given model, byte by byte.");
  EXPECT_THAT(actions_.done, Not(Contains("look second")));
  EXPECT_EQ(winner_of(outcome), "fast");
}

TEST_F(Loop, VariantsForInaccuracyComeOnlyAfterIt) {
  add("int8", {.ratio = 0.5, .right = false});
  add("int8-sensitive", {.ratio = 0.6});
  actions_.candidates.back().after_inaccurate = "int8";
  add("int8+f16", {.ratio = 0.7});
  add("int8+f16-sensitive", {.ratio = 0.4});
  actions_.candidates.back().after_inaccurate = "int8+f16";
  const LoopOutcome outcome = run();
  EXPECT_EQ(winner_of(outcome), "int8-sensitive");
  const CandidateRecord& idle = *outcome.state.find("int8+f16-sensitive");
  EXPECT_FALSE(idle.decision);
  EXPECT_EQ(why_not_tried(outcome.state, idle, outcome.end), "'int8+f16' did not miss its accuracy");
}

TEST_F(Loop, WhatDoesNotCompeteIsMeasuredAndNeverWins) {
  add("batch-8", {.ratio = 0.2});
  actions_.candidates.back().competes = false;
  const LoopOutcome outcome = run();
  EXPECT_EQ(kind_of(outcome, "batch-8"), DecisionKind::listed);
  EXPECT_EQ(winner_of(outcome), "given");
}

}  // namespace
}  // namespace trtprof::test
