#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
// A search for what is to be kept finds nothing in less.
constexpr double kLeastSearch = 10.0;

class Planner {
 public:
  Planner(const LoopState& state, const LoopOptions& options) : state_(state), options_(options) {}

  NextStep next() const {
    if (!state_.baseline) return TakeBaseline{};
    if (state_.best_is_in_doubt()) {  // before anything is built on it
      if (auto step = confirm()) return *std::move(step);
    }
    for (std::size_t i = 0; i < state_.records.size(); ++i) {
      const CandidateRecord& record = state_.records[i];
      if (record.started && !record.decision) return go_on(i, record);
    }
    bool too_late = false;
    for (std::size_t i = 0; i < state_.records.size(); ++i) {
      const CandidateRecord& record = state_.records[i];
      if (record.decision || !is_due(record)) continue;
      if (can_start(record)) return start(i, record);
      too_late = true;  // one without a search may have the time
    }
    return confirm().value_or(too_late ? LoopEnd::budget_over : LoopEnd::all_tried);
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
  double reserve() const {
    const CandidateRecord* best = state_.best();
    return best == nullptr || best->confirmed ? 0.0 : options_.launches * state_.pair_seconds;
  }
  // The next one takes as long to make and to check as the one that took longest; a search comes on top.
  double preparing() const {
    double longest = 0.0;
    for (const CandidateRecord& record : state_.records) {
      if (!search_of(record)) longest = std::max(longest, record.preparing);
    }
    return longest;
  }
  static std::optional<double> search_of(const CandidateRecord& record) {
    return search_seconds(record.candidate.change.precision.value_or(std::vector<std::string>{}));
  }
  // Of what is left, when all that must be done beside the search is counted.
  double left_for_search() const { return left() - reserve() - preparing() - kFewestLaunches * state_.pair_seconds; }
  bool can_start(const CandidateRecord& record) const {
    const auto search = search_of(record);
    return left_for_search() >= (search ? std::min(*search, kLeastSearch) : 0.0) && left() > 0.0;
  }
  // What was prepared is launched, or prepared further, as long as the budget lasts. A launch before the first look had
  // its engine to build as well, and is no measure of a pair.
  bool is_too_late(bool for_look) const {
    const bool is_known =
        std::ranges::any_of(state_.records, [](const CandidateRecord& record) { return !record.looks.empty(); });
    const double needed = for_look && is_known ? kFewestLaunches * state_.pair_seconds : 0.0;
    return left() <= 0.0 || left() - reserve() < needed;
  }
  NextStep end_of_budget() const { return confirm().value_or(LoopEnd::budget_over); }
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

  // What it is compared with, and built on. Null: the given model.
  const CandidateRecord* base_of(const CandidateRecord& record) const { return state_.find(record.started->against); }

  NextStep go_on(std::size_t index, const CandidateRecord& record) const {
    if (const CandidateRecord* base = base_of(record); base != nullptr && base->taken_back()) {
      return start(index, record);
    }
    if (!record.made) {
      if (is_too_late(false)) return end_of_budget();
      return MakeCandidate{index, with_search_limit(record.started->recipe, left_for_search())};
    }
    if (record.looks.empty()) {
      if (const auto same = same_as(record)) return DecideCandidate{index, *same};
    }
    if (!record.accuracy && types_differ(record)) {
      return is_too_late(false) ? end_of_budget() : MeasureAccuracy{index};
    }
    if (record.accuracy && !record.accuracy->passed) return decided(index, record);
    if (record.looks.empty()) {
      return is_too_late(true) ? end_of_budget() : TakeLook{index, launches_of(record)};
    }
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

  std::string sha256_of(const CandidateRecord* record) const {
    return record == nullptr ? state_.baseline->model_sha256 : record->made->sha256;
  }
  static std::map<std::string, std::string> run_of(const CandidateRecord* record) {
    return record == nullptr ? std::map<std::string, std::string>{} : record->started->recipe.run;
  }

  // Of one that is decided: would the same bytes in the same types come to the same? Not where it was faster than an
  // older best, and lacked what it claimed.
  static bool decides_its_like(const CandidateRecord& other, const CandidateRecord& record) {
    return other.decision->kind != DecisionKind::no_mechanism || other.started->against == record.started->against;
  }

  // Bytes and options that were measured already need no measuring. What an older best was compared with is no better
  // beside a newer one.
  std::optional<Decision> same_as(const CandidateRecord& record) const {
    const auto is_like = [&](const CandidateRecord* other) {
      return sha256_of(other) == record.made->sha256 && run_of(other) == record.started->recipe.run;
    };
    const auto like = [](const std::string& text) { return Decision{DecisionKind::same_model, text}; };
    if (is_like(nullptr)) return like("It is the given model, byte by byte.");
    for (const CandidateRecord& other : state_.records) {
      if (&other == &record || !other.made || !other.decision || !is_like(&other)) continue;
      if (!decides_its_like(other, record)) continue;
      return like(fmt::format("It is the model of '{}', byte by byte.", other.candidate.name));
    }
    return std::nullopt;
  }

  // The same bytes in the same types have the accuracy of what it is compared with.
  bool types_differ(const CandidateRecord& record) const {
    const CandidateRecord* base = base_of(record);
    const auto type_of = [](const std::map<std::string, std::string>& run) {
      const auto found = run.find("--precision");
      return found == run.end() ? std::string() : found->second;
    };
    return record.made->sha256 != sha256_of(base) || type_of(record.started->recipe.run) != type_of(run_of(base));
  }

  // The staircase needs a figure of its first step, and nothing to the last percent.
  int launches_of(const CandidateRecord& record) const {
    const int launches = first_launches(left() - reserve());
    return record.candidate.step == LoopStep::fp32 ? std::min(launches, kFewestLaunches) : launches;
  }

  // As many as are asked for, while there is time for them: few launches decide little, and what may gain most comes
  // first.
  int first_launches(double seconds) const {
    if (!(state_.pair_seconds > 0.0)) return options_.launches;
    const double affordable = std::clamp(std::floor(seconds / state_.pair_seconds), double{kFewestLaunches},
                                         double(std::max(options_.launches, kFewestLaunches)));
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
    if (best == nullptr || best->confirmed) return std::nullopt;
    const bool has_looks = state_.confirmation && state_.confirmation->winner == best->candidate.name &&
                           !state_.confirmation->looks.empty();
    if (!has_looks) {
      if (left() < kFewestLaunches * state_.pair_seconds) return std::nullopt;
      return TakeConfirmationLook{first_launches(left())};
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
    return {false, fmt::format("Launches of its own beside the given model do not agree: {}.", effect_text(look))};
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
  return end == LoopEnd::interrupted ? "it was interrupted" : "the budget had no time left for it";
}

std::string_view to_string(LoopEnd end) {
  constexpr std::array<std::string_view, 3> names = {"all_tried", "budget_over", "interrupted"};
  return names.at(static_cast<std::size_t>(end));
}

}  // namespace trtprof
