// The loop that `optimize --budget` closes: diagnose, fix, rebuild, measure, accept only what is really faster and
// still right. What comes next is a pure function of the events so far; what it takes to do it is behind an interface,
// so that tests replay recorded events and scripted times.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/optimize/loop/loop_state.h"

namespace trtprof {

struct LoopOptions {
  double budget = 600.0;  // seconds of all events, those of a run that this one goes on with counted in
  double threshold = kDefaultThreshold;
  int launches = 5;  // of each side in a first look; each further look doubles what there is
};

struct LookRequest {
  const CandidateRecord* candidate = nullptr;
  const CandidateRecord* against = nullptr;  // null: the given model
  std::size_t look = 0;                      // from 0: how sure it must be depends on it
  int launches = 0;                          // to add to each side
  bool confirmation = false;
};

// What the loop needs done. An error of make(), accuracy() and look() ends that candidate, not the loop, but for
// ErrorCode::interrupted and what ends_loop() says.
class LoopActions {
 public:
  virtual ~LoopActions() = default;
  virtual Result<BaselineTaken> baseline() = 0;
  virtual Result<CandidateMade> make(const Candidate& candidate, const Recipe& recipe) = 0;
  virtual Result<AccuracyFacts> accuracy(const CandidateRecord& record) = 0;
  virtual Result<LookFacts> look(const LookRequest& request) = 0;
  // This one is what the user gets if all ends now; null: the model that was given. Called again with the same.
  virtual Status keep(const CandidateRecord* winner) = 0;
  // Is this error none of the candidate's, so that the next would meet it as well? Nothing is decided by it.
  virtual bool ends_loop(const Error& /*error*/) { return false; }
  virtual double now() = 0;  // seconds of a clock that never goes back
  virtual bool stop_requested() = 0;
  // For progress: what begins now. `record` is null for the baseline and the confirmation.
  virtual void say(std::string_view what, const CandidateRecord* record) = 0;
};

// ---- what comes next

struct TakeBaseline {};
struct StartCandidate {
  std::size_t index;
  Recipe recipe;
};
struct MakeCandidate {
  std::size_t index;
  Recipe recipe;  // with what is left for its search, where it has one
};
struct MeasureAccuracy {
  std::size_t index;
};
struct TakeLook {
  std::size_t index;
  int launches;
};
struct DecideCandidate {
  std::size_t index;
  Decision decision;
};
struct TakeConfirmationLook {
  int launches;
};
struct SettleConfirmation {
  Confirmed result;
};
enum class LoopEnd { all_tried, budget_over, interrupted };
using NextStep = std::variant<TakeBaseline, StartCandidate, MakeCandidate, MeasureAccuracy, TakeLook, DecideCandidate,
                              TakeConfirmationLook, SettleConfirmation, LoopEnd>;

// Depends on nothing but its arguments.
[[nodiscard]] NextStep next_step(const LoopState& state, const LoopOptions& options);

struct LoopOutcome {
  LoopState state;
  LoopEnd end = LoopEnd::all_tried;
};

// `record` puts an event on disk before the next action begins; `state` is the sum of the events that are there
// already. A winner is kept before its acceptance is recorded. Fails when the baseline cannot be taken, and when
// something cannot be written.
[[nodiscard]] Result<LoopOutcome> run_loop(LoopActions& actions, const LoopOptions& options, LoopState state,
                                           const std::function<Status(const LoopEvent&)>& record);

// Why a candidate without a decision was not tried; a clause.
[[nodiscard]] std::string why_not_tried(const LoopState& state, const CandidateRecord& record, LoopEnd end);

[[nodiscard]] std::string_view to_string(LoopEnd end);  // "budget_over"

}  // namespace trtprof
