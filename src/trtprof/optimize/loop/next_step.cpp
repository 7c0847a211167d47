#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/loop/loop.h"

namespace trtprof {
namespace {

// Two pairs of launches leave one degree of freedom, and an interval that excludes nothing.
constexpr int kFewestLaunches = 3;
constexpr std::size_t kMostLooks = 4;
// Of what is left, what one candidate may take for a further look while others wait.
constexpr double kShare = 0.5;

class Planner {
 public:
  Planner(const LoopState& state, const LoopOptions& options) : state_(state), options_(options) {}

  NextStep next() const {
    if (!state_.baseline) return TakeBaseline{};
    for (std::size_t i = 0; i < state_.records.size(); ++i) {
      const CandidateRecord& record = state_.records[i];
      if (record.started && !record.decision) return go_on(i, record);
    }
    for (std::size_t i = 0; i < state_.records.size(); ++i) {
      if (state_.records[i].decision || !is_due(state_.records[i])) continue;
      if (can_start()) return start(i, state_.records[i]);
      return confirm().value_or(LoopEnd::budget_over);
    }
    return confirm().value_or(LoopEnd::all_tried);
  }

 private:
  bool is_due(const CandidateRecord& record) const {
    const std::string& after = record.candidate.after_inaccurate;
    if (after.empty()) return true;
    const CandidateRecord* other = state_.find(after);
    return other != nullptr && other->decision && other->decision->kind == DecisionKind::inaccurate;
  }

  double left() const { return options_.budget - state_.elapsed; }
  // Seconds that the winner's confirmation takes.
  double reserve() const { return state_.best() == nullptr ? 0.0 : options_.launches * state_.pair_seconds; }
  // The next one takes as long to make and to check as the one that took longest.
  double preparing() const {
    double longest = 0.0;
    for (const CandidateRecord& record : state_.records) longest = std::max(longest, record.preparing);
    return longest;
  }
  bool can_start() const {
    return left() - reserve() - preparing() >= kFewestLaunches * state_.pair_seconds && left() > 0.0;
  }
  bool others_wait(std::size_t index) const {
    for (std::size_t i = 0; i < state_.records.size(); ++i) {
      if (i != index && !state_.records[i].decision && is_due(state_.records[i])) return true;
    }
    return false;
  }

  // The recipe is that of the best so far but for what the candidate changes.
  NextStep start(std::size_t index, const CandidateRecord& record) const {
    const CandidateRecord* best = state_.best();
    const Recipe base = best == nullptr ? Recipe{} : best->recipe();
    Recipe recipe = apply_change(base, record.candidate.change);
    if (recipe == base) {
      return DecideCandidate{index, {DecisionKind::same_model, "It would change nothing of what is there."}};
    }
    return StartCandidate{index, std::move(recipe)};
  }

  NextStep go_on(std::size_t index, const CandidateRecord& record) const {
    if (!record.made) return MakeCandidate{index};
    if (record.looks.empty()) {
      if (const auto same = same_as(record)) return DecideCandidate{index, *same};
    }
    if (!record.accuracy && types_differ(record)) return MeasureAccuracy{index};
    if (record.accuracy && !record.accuracy->passed) return decided(index, record);
    if (record.looks.empty()) return TakeLook{index, launches_of(record)};
    const LookFacts& last = record.looks.back();
    // The first step of the staircase is looked at again only where it seems to be the faster one.
    const bool looks_won = record.candidate.step != LoopStep::fp32 || last.effect < 0.0;
    const bool wanted = can_still_win(last, options_.threshold) && record.candidate.competes && looks_won;
    const double share = others_wait(index) ? kShare : 1.0;
    if (wanted && can_double(last, record.looks.size(), share)) {
      return TakeLook{index, static_cast<int>(last.launches)};
    }
    return decided(index, record);
  }

  NextStep decided(std::size_t index, const CandidateRecord& record) const {
    const AccuracyFacts* accuracy = record.accuracy ? &*record.accuracy : nullptr;
    if (record.looks.empty()) {
      return DecideCandidate{index, {DecisionKind::inaccurate, reason_of(*accuracy)}};
    }
    return DecideCandidate{index, decide(record.candidate, accuracy, record.looks.back(), options_.threshold)};
  }

  static std::string reason_of(const AccuracyFacts& accuracy) {
    return as_sentence(accuracy.failures.empty() ? "it misses the gate" : accuracy.failures.front());
  }

  std::string sha256_of_best() const {
    const CandidateRecord* best = state_.best();
    return best == nullptr ? state_.baseline->model_sha256 : best->made->sha256;
  }

  // Bytes and options that were measured already need no measuring.
  std::optional<Decision> same_as(const CandidateRecord& record) const {
    const CandidateRecord* best = state_.best();
    const auto& run = record.started->recipe.run;
    const auto same_run = best == nullptr ? run.empty() : run == best->started->recipe.run;
    if (record.made->sha256 == sha256_of_best() && same_run) {
      return Decision{DecisionKind::same_model,
                      best == nullptr ? "It is the given model, byte by byte."
                                      : fmt::format("It is the model of '{}', byte by byte.", best->candidate.name)};
    }
    for (const CandidateRecord& other : state_.records) {
      if (&other == &record || !other.made || !other.decision || other.made->sha256 != record.made->sha256) continue;
      if (other.started->recipe.run != run || other.started->against != record.started->against) continue;
      return Decision{DecisionKind::same_model,
                      fmt::format("It is the model of '{}', byte by byte.", other.candidate.name)};
    }
    return std::nullopt;
  }

  // The same bytes in the same types have the accuracy of the best.
  bool types_differ(const CandidateRecord& record) const {
    const CandidateRecord* best = state_.best();
    const auto type_of = [](const Recipe& recipe) {
      const auto found = recipe.run.find("--precision");
      return found == recipe.run.end() ? std::string() : found->second;
    };
    return record.made->sha256 != sha256_of_best() ||
           type_of(record.started->recipe) != (best == nullptr ? "" : type_of(best->started->recipe));
  }

  // The staircase needs a figure of its first step, and nothing to the last percent.
  int launches_of(const CandidateRecord& record) const {
    const int launches = first_launches();
    return record.candidate.step == LoopStep::fp32 ? std::min(launches, kFewestLaunches) : launches;
  }

  // As many as are asked for, while there is time for them: few launches decide little, and what may gain most comes
  // first.
  int first_launches() const {
    if (!(state_.pair_seconds > 0.0)) return options_.launches;
    const double affordable = std::clamp(std::floor((left() - reserve()) / state_.pair_seconds),
                                         double{kFewestLaunches}, double(std::max(options_.launches, kFewestLaunches)));
    return static_cast<int>(affordable);
  }

  bool can_double(const LookFacts& last, std::size_t looks, double share) const {
    // The confirmation of this one, should it win, needs time as well.
    const double later = options_.launches * state_.pair_seconds;
    const double cost = static_cast<double>(last.launches) * state_.pair_seconds;
    return looks < kMostLooks && cost <= (left() - later) * share;
  }

  // nullopt: there is nothing to confirm, it is confirmed, or there is no time for it.
  std::optional<NextStep> confirm() const {
    const CandidateRecord* best = state_.best();
    if (best == nullptr || (state_.confirmation && state_.confirmation->result)) return std::nullopt;
    if (!state_.confirmation || state_.confirmation->looks.empty()) {
      if (left() < kFewestLaunches * state_.pair_seconds) return std::nullopt;
      return TakeConfirmationLook{first_launches()};
    }
    const LoopConfirmation& confirmation = *state_.confirmation;
    const LookFacts& last = confirmation.looks.back();
    const double cost = static_cast<double>(last.launches) * state_.pair_seconds;
    if (last.outcome == Outcome::undecided && confirmation.looks.size() < kMostLooks && cost <= left()) {
      return TakeConfirmationLook{static_cast<int>(last.launches)};
    }
    return SettleConfirmation{settle(last)};
  }

  static Confirmed settle(const LookFacts& look) {
    if (look.outcome == Outcome::faster) {
      return {true, fmt::format("Launches of its own beside the given model agree: {}.", effect_text(look))};
    }
    if (look.outcome == Outcome::undecided && look.effect < 0.0) {
      return {true,
              fmt::format("Launches of its own beside the given model do not contradict: {}.", effect_text(look))};
    }
    return {false, fmt::format("Launches of its own beside the given model do not agree: {}; what was given is the "
                               "result.",
                               effect_text(look))};
  }

  const LoopState& state_;
  const LoopOptions& options_;
};

}  // namespace

NextStep next_step(const LoopState& state, const LoopOptions& options) {
  return Planner(state, options).next();
}

std::string why_not_tried(const LoopState& state, const CandidateRecord& record, LoopEnd end) {
  const std::string& after = record.candidate.after_inaccurate;
  if (!after.empty()) {
    const CandidateRecord* other = state.find(after);
    if (other == nullptr) return fmt::format("it is for when '{}' misses its accuracy, which is not tried", after);
    if (other->decision && other->decision->kind != DecisionKind::inaccurate) {
      return fmt::format("'{}' did not miss its accuracy", after);
    }
  }
  return end == LoopEnd::interrupted ? "it was interrupted" : "the budget was over";
}

std::string_view to_string(LoopEnd end) {
  constexpr std::array<std::string_view, 3> names = {"all_tried", "budget_over", "interrupted"};
  return names.at(static_cast<std::size_t>(end));
}

}  // namespace trtprof
