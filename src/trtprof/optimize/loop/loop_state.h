// All that a run of the loop knows, as the sum of its events: what is journaled is what is known, so that a run that
// was killed goes on where its journal ends, and the same events lead to the same decisions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "trtprof/optimize/loop/accuracy_gate.h"
#include "trtprof/optimize/loop/candidate.h"
#include "trtprof/optimize/loop/decision.h"
#include "trtprof/optimize/loop/run_facts.h"

namespace trtprof {

// ---- events, in the order in which they come for one candidate

// The given model was run and diagnosed, which says what may be tried.
struct BaselineTaken {
  std::string model_sha256;     // of the given model
  double launch_seconds = 0.0;  // that one launch took, build and start included
  RunFacts facts;
  std::optional<AccuracyFacts> accuracy;  // against itself in f32; nullopt: it computes in f32
  std::vector<Candidate> candidates;
  std::vector<NotProposed> not_proposed;
  bool operator==(const BaselineTaken&) const = default;
};
// Comes again for one whose `against` was taken back in the meantime: it begins anew.
struct CandidateStarted {
  Recipe recipe;
  std::string against;  // the best so far; "": the given model
  bool operator==(const CandidateStarted&) const = default;
};
struct CandidateMade {
  std::string path;  // in the work folder; "": the given model
  std::string sha256;
  std::optional<std::uint64_t> bytes;
  // Options about types that make it again where those of the recipe search for something: what was found.
  std::optional<std::vector<std::string>> precision = {};
  bool operator==(const CandidateMade&) const = default;
};
struct AccuracyMeasured {
  AccuracyFacts facts;
  bool operator==(const AccuracyMeasured&) const = default;
};
struct LookTaken {
  LookFacts look;
  bool operator==(const LookTaken&) const = default;
};
struct Decided {
  Decision decision;
  bool operator==(const Decided&) const = default;
};
// The winner beside the given model, in launches of their own: the one that looked best of several was lucky, too.
struct ConfirmationLook {
  LookFacts look;
  bool operator==(const ConfirmationLook&) const = default;
};
struct Confirmed {
  bool kept = true;
  std::string reason;  // a sentence
  bool operator==(const Confirmed&) const = default;
};

struct LoopEvent {
  std::string candidate;  // "" for the baseline
  double seconds = 0.0;   // it took
  std::variant<BaselineTaken, CandidateStarted, CandidateMade, AccuracyMeasured, LookTaken, Decided, ConfirmationLook,
               Confirmed>
      what;
  bool operator==(const LoopEvent&) const = default;
};

// ---- their sum

struct CandidateRecord {
  Candidate candidate;
  std::optional<CandidateStarted> started = {};
  std::optional<CandidateMade> made = {};
  std::optional<AccuracyFacts> accuracy = {};
  std::vector<LookFacts> looks = {};  // each over all launches up to it
  std::optional<Decision> decision = {};
  double seconds = 0.0;                     // all of it took
  double preparing = 0.0;                   // of that, until it was launched
  std::optional<Confirmed> confirmed = {};  // of one that was accepted
  // Accepted, and launches beside the given model did not agree.
  [[nodiscard]] bool taken_back() const { return confirmed && !confirmed->kept; }
  [[nodiscard]] bool accepted() const { return decision && decision->kind == DecisionKind::accepted && !taken_back(); }
  // What makes it again: with what making it found out. Of one that was started.
  [[nodiscard]] Recipe recipe() const;
};

struct LoopConfirmation {
  std::string winner;
  std::vector<LookFacts> looks = {};
  std::optional<Confirmed> result = {};
};

struct LoopState {
  std::optional<BaselineTaken> baseline = {};
  std::vector<CandidateRecord> records = {};          // in the order in which they are tried
  std::optional<LoopConfirmation> confirmation = {};  // the last one; its winner may have been taken back
  double elapsed = 0.0;                               // seconds of all events
  double pair_seconds = 0.0;  // that a launch of each side takes, by the last look; 0: nothing was launched
  std::size_t events = 0;

  [[nodiscard]] const CandidateRecord* find(const std::string& name) const;
  // The last that was accepted and not taken back; null: the given model.
  [[nodiscard]] const CandidateRecord* best() const;
  // What was built on the best was taken back: that speaks against the best as well, until launches of its own beside
  // the given model agree.
  [[nodiscard]] bool best_is_in_doubt() const;
  // What the user gets: the best, unless it is in doubt.
  [[nodiscard]] const CandidateRecord* winner() const;
};

// False for an event that cannot come now: the journal is none of this program's.
[[nodiscard]] bool apply_event(LoopState& state, const LoopEvent& event);

}  // namespace trtprof
