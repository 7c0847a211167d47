// A loop over scripted candidates, and its events.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "optimize/loop/fake_loop.h"

namespace trtprof::test {

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

}  // namespace trtprof::test
