#include "trtprof/optimize/loop/loop.h"

#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

class Driver {
 public:
  Driver(LoopActions& actions, const LoopOptions& options, LoopState state,
         const std::function<Status(const LoopEvent&)>& record)
      : actions_(actions), options_(options), state_(std::move(state)), record_(record) {}

  Result<LoopOutcome> run() {
    if (const Status kept = actions_.keep(state_.winner()); !kept) return forward_error(kept);
    while (true) {
      const NextStep next = next_step(state_, options_);
      if (const auto* end = std::get_if<LoopEnd>(&next)) return LoopOutcome{std::move(state_), *end};
      if (actions_.stop_requested()) return interrupted();
      const Status done = std::visit([this](const auto& step) { return take(step); }, next);
      if (!done && done.error().code == ErrorCode::interrupted) return interrupted();
      if (!done) return forward_error(done);
    }
  }

 private:
  LoopOutcome interrupted() { return {std::move(state_), LoopEnd::interrupted}; }

  Status add(const LoopEvent& event) {
    if (const Status recorded = record_(event); !recorded) return recorded;
    return apply_event(state_, event) ? Status{} : Status(fail("the loop took a step that cannot be taken"));
  }

  template <class What>
  Status add(const std::string& name, double began, What what) {
    return add(LoopEvent{name, actions_.now() - began, std::move(what)});
  }

  const std::string& name_of(std::size_t index) const { return state_.records.at(index).candidate.name; }

  static tl::unexpected<Error> ended(Error error) {
    if (error.hint.empty()) error.hint = "mend that, and the same command goes on where this one ended";
    return tl::unexpected(std::move(error));
  }

  // A candidate that cannot be made or run is decided; it does not end the loop.
  Status failed(std::size_t index, double began, const Error& error) {
    if (error.code == ErrorCode::interrupted || actions_.stop_requested()) {
      return tl::unexpected(Error{ErrorCode::interrupted, error.message, {}});
    }
    if (actions_.ends_loop(error)) return ended(error);
    return add(name_of(index), began, Decided{{DecisionKind::failed, as_sentence(error.message)}});
  }

  Status take(const TakeBaseline&) {
    actions_.say("measuring the given model", nullptr);
    const double began = actions_.now();
    auto baseline = actions_.baseline();
    if (!baseline) return forward_error(baseline);
    return add("", began, *std::move(baseline));
  }

  Status take(const StartCandidate& step) {
    const CandidateRecord* best = state_.best();
    return add(name_of(step.index), actions_.now(),
               CandidateStarted{step.recipe, best == nullptr ? "" : best->candidate.name});
  }

  Status take(const MakeCandidate& step) {
    const CandidateRecord& record = state_.records.at(step.index);
    actions_.say("making the model", &record);
    const double began = actions_.now();
    auto made = actions_.make(record.candidate, step.recipe);
    if (!made) return failed(step.index, began, made.error());
    return add(name_of(step.index), began, *std::move(made));
  }

  Status take(const MeasureAccuracy& step) {
    const CandidateRecord& record = state_.records.at(step.index);
    actions_.say("measuring its accuracy", &record);
    const double began = actions_.now();
    auto facts = actions_.accuracy(record);
    if (!facts) return failed(step.index, began, facts.error());
    return add(name_of(step.index), began, AccuracyMeasured{*std::move(facts)});
  }

  Status take(const TakeLook& step) {
    const CandidateRecord& record = state_.records.at(step.index);
    actions_.say(fmt::format("look {}: {} launches of each", record.looks.size() + 1, step.launches), &record);
    const double began = actions_.now();
    auto look = actions_.look({&record, state_.find(record.started->against), record.looks.size(), step.launches});
    if (!look) return failed(step.index, began, look.error());
    return add(name_of(step.index), began, LookTaken{*std::move(look)});
  }

  Status take(const DecideCandidate& step) {
    const double began = actions_.now();
    if (step.decision.kind == DecisionKind::accepted) {
      if (const Status kept = actions_.keep(&state_.records.at(step.index)); !kept) return kept;
    }
    return add(name_of(step.index), began, Decided{step.decision});
  }

  Status take(const TakeConfirmationLook& step) {
    const CandidateRecord& best = *state_.best();
    const bool goes_on = state_.confirmation && state_.confirmation->winner == best.candidate.name;
    const std::size_t looks = goes_on ? state_.confirmation->looks.size() : 0;
    actions_.say(fmt::format("beside the given model, {} launches of each", step.launches), &best);
    const double began = actions_.now();
    auto look = actions_.look({&best, nullptr, looks, step.launches, true});
    // What was accepted stays accepted when it cannot be confirmed, as long as nothing speaks against it. A run that
    // goes on from here tries again then: this is of this run alone, and in no journal.
    if (!look && look.error().code != ErrorCode::interrupted && !actions_.stop_requested()) {
      if (actions_.ends_loop(look.error())) return ended(look.error());
      const Confirmed result{!state_.best_is_in_doubt(),
                             as_sentence("it could not be confirmed: " + look.error().message)};
      if (!result.kept) return add(best.candidate.name, began, result);
      const LoopEvent event{best.candidate.name, actions_.now() - began, result};
      return apply_event(state_, event) ? Status{} : Status(fail("the loop took a step that cannot be taken"));
    }
    if (!look) return tl::unexpected(Error{ErrorCode::interrupted, look.error().message, {}});
    return add(best.candidate.name, began, ConfirmationLook{*std::move(look)});
  }

  Status take(const SettleConfirmation& step) {
    const double began = actions_.now();
    const CandidateRecord* best = state_.best();
    // One before it may be the winner again, which its own launches beside the given model are to tell.
    const CandidateRecord* result = step.result.kept ? best : nullptr;
    if (result != state_.winner()) {
      if (const Status kept = actions_.keep(result); !kept) return kept;
    }
    return add(best->candidate.name, began, step.result);
  }

  static Status take(LoopEnd) { return {}; }

  LoopActions& actions_;
  const LoopOptions& options_;
  LoopState state_;
  const std::function<Status(const LoopEvent&)>& record_;
};

}  // namespace

Result<LoopOutcome> run_loop(LoopActions& actions, const LoopOptions& options, LoopState state,
                             const std::function<Status(const LoopEvent&)>& record) {
  return Driver(actions, options, std::move(state), record).run();
}

}  // namespace trtprof
