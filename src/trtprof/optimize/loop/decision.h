// Is a candidate the new best? From one comparison with the best so far, its accuracy and what it claimed; nothing
// else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/compare/comparison.h"
#include "trtprof/compare/figures.h"
#include "trtprof/optimize/loop/accuracy_gate.h"
#include "trtprof/optimize/loop/candidate.h"
#include "trtprof/optimize/loop/mechanism.h"
#include "trtprof/optimize/loop/run_facts.h"

namespace trtprof {

// One look at a candidate (B) beside the best so far (A), over all launches up to it.
struct LookFacts {
  Outcome outcome = Outcome::undecided;
  double effect = 0.0;  // B / A - 1 of the time of one item
  Interval interval;
  double level = 0.95;
  double seconds_a = 0.0;  // see per_item
  double seconds_b = 0.0;
  std::size_t launches = 0;  // of each side
  std::size_t builds = 0;
  std::size_t reimplemented = 0;  // groups of layers, as in SeenChanges
  std::string reason;             // of the verdict
  RunFacts a;
  RunFacts b;
  // Not known of journals of a program that did not keep them: see is_per_item().
  std::optional<bool> per_item = {};          // the batches differ: the seconds are of one item, else of an inference
  std::optional<FigureKind> figure = {};      // that the seconds and the effect are of; nullopt: latency
  std::optional<PartTime> reformatting = {};  // as in SeenChanges
  std::optional<PartTime> depthwise = {};
  bool operator==(const LookFacts&) const = default;
};
[[nodiscard]] bool is_per_item(const LookFacts& look);
// Of an inference, whatever the verdict is of.
[[nodiscard]] double inference_seconds_a(const LookFacts& look);
[[nodiscard]] LookFacts look_facts(const Comparison& comparison, std::span<const Profile> a,
                                   std::span<const Profile> b);

enum class DecisionKind {
  accepted,
  slower,        // SLOWER
  not_faster,    // SAME, or as good as sure that it is not faster by the threshold
  undecided,     // no look told, and there was no time for more
  inaccurate,    // outside of the gate
  no_mechanism,  // FASTER, but nothing of what it claimed is seen
  same_model,    // the very bytes and options of one that is known
  failed,        // it could not be made or run
  listed,        // it does not compete: for the Pareto table
};
struct Decision {
  DecisionKind kind = DecisionKind::undecided;
  std::string reason;                   // a sentence
  std::vector<ClaimCheck> claims = {};  // where it was measured
  bool operator==(const Decision&) const = default;
};

// Is one more look worth its time? Not where the verdict is there, and not where the interval has no room for a gain of
// the threshold: clear losers stop early.
[[nodiscard]] bool can_still_win(const LookFacts& look, double threshold);

// `accuracy` is null where it is known to be that of the best so far (the same model and types).
[[nodiscard]] Decision decide(const Candidate& candidate, const AccuracyFacts* accuracy, const LookFacts& look,
                              double threshold);

// "-12.3 % [-14.2, -10.1]"
[[nodiscard]] std::string effect_text(const LookFacts& look);

[[nodiscard]] std::string_view to_string(DecisionKind kind);  // "not_faster"
[[nodiscard]] std::optional<DecisionKind> decision_kind_from_string(std::string_view name);

}  // namespace trtprof
