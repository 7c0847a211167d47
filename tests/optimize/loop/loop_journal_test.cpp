// A kill at any event changes nothing, and the same events lead to the same decisions.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/loop_fixture.h"
#include "trtprof/optimize/loop/journal.h"
#include "trtprof/optimize/loop/loop.h"

namespace trtprof::test {
namespace {

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
