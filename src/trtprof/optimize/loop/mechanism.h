// Is what a candidate claims to change seen in what the engine ran? A gain without its mechanism is not accepted.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trtprof/compare/verdict.h"
#include "trtprof/optimize/loop/candidate.h"
#include "trtprof/optimize/loop/run_facts.h"

namespace trtprof {

// What layers of one kind take on both sides, judged over all launches as any other time is (compare/verdict.h).
struct PartTime {
  Outcome outcome = Outcome::undecided;
  double seconds_a = 0.0;  // of an inference
  double seconds_b = 0.0;
  bool operator==(const PartTime&) const = default;
};

// What a comparison saw beside the facts of its sides.
struct SeenChanges {
  std::size_t reimplemented = 0;  // groups of layers that another kernel computes now (LayerChangeKind::reimplemented,
                                  // retyped or fused_differently)
  std::optional<PartTime> reformatting = {};  // as RunFacts::reformats; nullopt: not of all launches, or none there
  std::optional<PartTime> depthwise = {};     // depthwise convolutions
};

struct ClaimCheck {
  Claim claim;
  bool seen = false;
  std::string text;  // a clause with the figures of both sides: "44 layers where there were 78"
  bool operator==(const ClaimCheck&) const = default;
};

// `a` is the best so far, `b` the candidate.
[[nodiscard]] ClaimCheck check_claim(const Claim& claim, const RunFacts& a, const RunFacts& b, const SeenChanges& seen);
// Without the claims that do not count beside this best.
[[nodiscard]] std::vector<ClaimCheck> check_claims(std::span<const Claim> claims, const RunFacts& a, const RunFacts& b,
                                                   const SeenChanges& seen);

}  // namespace trtprof
