// The loop with scripted actions: what it accepts, how it spends its time, and that a kill at any event changes
// nothing.
#include "trtprof/optimize/loop/loop.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/fake_loop.h"
#include "trtprof/optimize/loop/candidates.h"
#include "trtprof/optimize/loop/journal.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Loop : public ::testing::Test {
 protected:
  void add(const std::string& name, ScriptedCandidate script = {}) {
    actions_.candidates.push_back(candidate(name));
    actions_.script[name] = std::move(script);
  }

  LoopOutcome run(double budget = 1000.0) {
    LoopOptions options;
    options.budget = budget;
    auto outcome = run_loop(actions_, options, {}, [&](const LoopEvent& event) {
      events_.push_back(event);
      return Status{};
    });
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    return std::move(*outcome);
  }

  LoopState state_of_events() const {
    LoopState state;
    for (const LoopEvent& event : events_) EXPECT_TRUE(apply_event(state, event));
    return state;
  }

  // With the journal of what ran before.
  LoopOutcome go_on(double budget) {
    LoopOptions options;
    options.budget = budget;
    auto outcome = run_loop(actions_, options, state_of_events(), [&](const LoopEvent& event) {
      events_.push_back(event);
      return Status{};
    });
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    return std::move(*outcome);
  }

  static DecisionKind kind_of(const LoopOutcome& outcome, const std::string& name) {
    const CandidateRecord* record = outcome.state.find(name);
    if (record == nullptr || !record->decision) {
      ADD_FAILURE() << name << " is not decided";
      return DecisionKind::failed;
    }
    return record->decision->kind;
  }
  static std::string winner_of(const LoopOutcome& outcome) {
    return outcome.state.winner() == nullptr ? "given" : outcome.state.winner()->candidate.name;
  }

  ScriptedActions actions_;
  std::vector<LoopEvent> events_;
};

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

// ---- the same events, the same decisions

struct End {
  std::string winner;
  std::vector<std::string> decisions;
  std::string kept;
  bool operator==(const End&) const = default;
};

End end_of(const LoopOutcome& outcome, const ScriptedActions& actions) {
  End end;
  end.winner = outcome.state.winner() == nullptr ? "" : outcome.state.winner()->candidate.name;
  for (const CandidateRecord& record : outcome.state.records) {
    end.decisions.push_back(record.candidate.name + ": " + (record.decision ? record.decision->reason : "not tried"));
  }
  end.kept = actions.kept.back();
  return end;
}

class KilledLoop : public Loop {
 protected:
  void SetUp() override {
    add("unmakable", {.make_error = "no pass can"});
    add("slow", {.ratio = 1.2});
    add("near", {.ratio = 0.97, .spread = 0.05});
    add("wrong", {.ratio = 0.3, .right = false});
    add("fast", {.ratio = 0.7});
    add("wide", {.ratio = 0.65, .spread = 0.12});
    add("late", {.ratio = 0.6});
  }
};

TEST_F(KilledLoop, AtEveryEventItGoesOnToTheSameEnd) {
  LoopOptions options;
  options.budget = 170.0;
  const LoopOutcome whole = run(options.budget);
  const End expected = end_of(whole, actions_);
  ASSERT_GT(events_.size(), 20U);
  for (std::size_t killed_at = 0; killed_at < events_.size(); ++killed_at) {
    ScriptedActions first;
    first.candidates = actions_.candidates;
    first.script = actions_.script;
    std::vector<LoopEvent> journal;
    const auto killed = run_loop(first, options, {}, [&](const LoopEvent& event) -> Status {
      if (journal.size() == killed_at) return fail("killed");
      journal.push_back(event);
      return {};
    });
    ASSERT_FALSE(killed.has_value());
    LoopState state;
    for (const LoopEvent& event : journal) ASSERT_TRUE(apply_event(state, event));
    const std::string best = state.winner() == nullptr ? "" : state.winner()->candidate.name;
    ScriptedActions second;
    second.candidates = actions_.candidates;
    second.script = actions_.script;
    const auto resumed = run_loop(second, options, std::move(state), [&](const LoopEvent& event) {
      journal.push_back(event);
      return Status{};
    });
    ASSERT_TRUE(resumed.has_value());
    EXPECT_EQ(second.kept.front(), best) << "the best so far is what there is";
    EXPECT_EQ(end_of(*resumed, second), expected) << "killed at event " << killed_at;
    EXPECT_EQ(journal.size(), events_.size());
    // At most the one action whose event was lost is done again.
    EXPECT_LE(first.done.size() + second.done.size(), actions_.done.size() + 1) << "killed at event " << killed_at;
  }
}

TEST_F(KilledLoop, RecordedEventsLeadToTheSameDecisions) {
  run(170.0);
  LoopOptions options;
  options.budget = 170.0;
  // Every decision of the journal is the one that the planner comes to from the events before it.
  LoopState state;
  for (const LoopEvent& event : events_) {
    if (const auto* decided = std::get_if<Decided>(&event.what)) {
      const NextStep next = next_step(state, options);
      if (const auto* planned = std::get_if<DecideCandidate>(&next)) {
        EXPECT_EQ(planned->decision, decided->decision);
        EXPECT_EQ(state.records.at(planned->index).candidate.name, event.candidate);
      } else {
        EXPECT_EQ(decided->decision.kind, DecisionKind::failed) << event.candidate;
      }
    }
    ASSERT_TRUE(apply_event(state, event));
  }
}

TEST_F(KilledLoop, MoreTimeGoesOnWhereLessEnded) {
  const LoopOutcome shorter = run(60.0);
  ASSERT_EQ(shorter.end, LoopEnd::budget_over);
  LoopOptions options;
  options.budget = 1000.0;
  LoopState state;
  for (const LoopEvent& event : events_) ASSERT_TRUE(apply_event(state, event));
  const auto longer = run_loop(actions_, options, std::move(state), [](const LoopEvent&) { return Status{}; });
  ASSERT_TRUE(longer.has_value());
  EXPECT_EQ(longer->end, LoopEnd::all_tried);
  EXPECT_EQ(longer->state.winner()->candidate.name, "late");
}

TEST(LoopState, EventsThatCannotComeAreRefused) {
  LoopState state;
  EXPECT_FALSE(apply_event(state, {"nobody", 1.0, CandidateMade{"m", "sha", 1}}));
  BaselineTaken baseline;
  baseline.candidates = {candidate("one")};
  ASSERT_TRUE(apply_event(state, {"", 1.0, baseline}));
  EXPECT_FALSE(apply_event(state, {"", 1.0, baseline})) << "twice";
  EXPECT_FALSE(apply_event(state, {"one", 1.0, CandidateMade{"m", "sha", 1}})) << "it was not started";
  EXPECT_FALSE(apply_event(state, {"one", 1.0, LookTaken{}})) << "it was not made";
  EXPECT_FALSE(apply_event(state, {"one", 1.0, Confirmed{}})) << "it was not accepted";
  ASSERT_TRUE(apply_event(state, {"one", 1.0, Decided{{DecisionKind::failed, "It failed.", {}}}}));
  EXPECT_FALSE(apply_event(state, {"one", 1.0, Decided{{DecisionKind::failed, "It failed.", {}}}})) << "twice";
  EXPECT_DOUBLE_EQ(state.elapsed, 2.0) << "what is refused takes no time";
}

}  // namespace
}  // namespace trtprof::test
