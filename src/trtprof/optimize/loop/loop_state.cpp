#include "trtprof/optimize/loop/loop_state.h"

#include <algorithm>
#include <ranges>

namespace trtprof {
namespace {

CandidateRecord* record_of(LoopState& state, const std::string& name) {
  const auto found =
      std::ranges::find_if(state.records, [&](const CandidateRecord& record) { return record.candidate.name == name; });
  return found == state.records.end() ? nullptr : &*found;
}

// One overload an event; each says whether it may come now.
struct Apply {
  LoopState& state;
  const std::string& name;
  CandidateRecord* record;  // of `name`; null: there is none
  double seconds;           // that the event took

  bool operator()(const BaselineTaken& event) {
    if (state.baseline) return false;
    state.baseline = event;
    for (const Candidate& candidate : event.candidates) state.records.push_back({candidate});
    state.pair_seconds = 2.0 * event.launch_seconds;
    return true;
  }
  bool operator()(const CandidateStarted& event) {
    if (record != nullptr && !record->decision && record->started && lost_its_base()) begin_anew();
    return set(&CandidateRecord::started, event, true);
  }
  bool operator()(const CandidateMade& event) {
    return set(&CandidateRecord::made, event, record != nullptr && record->started.has_value());
  }
  bool operator()(const AccuracyMeasured& event) {
    return set(&CandidateRecord::accuracy, event.facts, record != nullptr && record->made.has_value());
  }
  bool operator()(const LookTaken& event) {
    if (record == nullptr || !record->made || record->decision) return false;
    take_time(record->looks, event.look);
    record->looks.push_back(event.look);
    return true;
  }
  bool operator()(const Decided& event) {
    const bool good = set(&CandidateRecord::decision, event.decision, true);
    if (good && record->accepted()) state.confirmation.reset();  // of the winner before it
    return good;
  }
  bool operator()(const ConfirmationLook& event) {
    const CandidateRecord* best = state.best();
    if (best == nullptr || best->candidate.name != name || best->confirmed) return false;
    if (!state.confirmation || state.confirmation->winner != name) state.confirmation = LoopConfirmation{name};
    take_time(state.confirmation->looks, event.look);
    state.confirmation->looks.push_back(event.look);
    return true;
  }
  bool operator()(const Confirmed& event) {
    const CandidateRecord* best = state.best();
    if (best == nullptr || best->candidate.name != name || best->confirmed) return false;
    if (!state.confirmation || state.confirmation->winner != name) state.confirmation = LoopConfirmation{name};
    state.confirmation->result = event;
    record->confirmed = event;
    return true;
  }

 private:
  bool lost_its_base() const {
    const CandidateRecord* against = state.find(record->started->against);
    return against != nullptr && against->taken_back();
  }
  void begin_anew() const {
    record->started.reset();
    record->made.reset();
    record->accuracy.reset();
    record->looks.clear();
  }
  void take_time(const std::vector<LookFacts>& before, const LookFacts& look) const {
    const std::size_t had = before.empty() ? 0 : before.back().launches;
    if (look.launches > had) state.pair_seconds = seconds / static_cast<double>(look.launches - had);
  }

  template <class Value>
  bool set(std::optional<Value> CandidateRecord::* member, const Value& value, bool ready) {
    if (!ready || record == nullptr || record->decision || record->*member) return false;
    record->*member = value;
    return true;
  }
};

}  // namespace

Recipe CandidateRecord::recipe() const {
  Recipe recipe = started->recipe;
  if (made && made->precision) recipe.precision = *made->precision;
  return recipe;
}

const CandidateRecord* LoopState::find(const std::string& name) const {
  const auto found =
      std::ranges::find_if(records, [&](const CandidateRecord& record) { return record.candidate.name == name; });
  return found == records.end() ? nullptr : &*found;
}

const CandidateRecord* LoopState::best() const {
  const auto reversed = std::views::reverse(records);
  const auto found = std::ranges::find_if(reversed, [](const auto& each) { return each.accepted(); });
  return found == reversed.end() ? nullptr : &*found;
}

bool LoopState::best_is_in_doubt() const {
  const CandidateRecord* last = best();
  if (last == nullptr || last->confirmed) return false;
  return std::ranges::any_of(records, [&](const CandidateRecord& record) {
    if (!record.taken_back()) return false;
    const CandidateRecord* base = find(record.started->against);
    while (base != nullptr && base != last) base = find(base->started->against);
    return base == last;
  });
}

const CandidateRecord* LoopState::winner() const {
  return best_is_in_doubt() ? nullptr : best();
}

bool apply_event(LoopState& state, const LoopEvent& event) {
  CandidateRecord* record = record_of(state, event.candidate);
  if (!std::visit(Apply{state, event.candidate, record, event.seconds}, event.what)) return false;
  state.elapsed += event.seconds;
  ++state.events;
  record = record_of(state, event.candidate);
  if (record == nullptr) return true;
  record->seconds += event.seconds;
  if (record->looks.empty()) record->preparing += event.seconds;
  return true;
}

}  // namespace trtprof
