// Is what a candidate claims to change seen in what the engine ran? A gain without its mechanism is not accepted.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "trtprof/optimize/loop/candidate.h"
#include "trtprof/optimize/loop/run_facts.h"

namespace trtprof {

struct ClaimCheck {
  Claim claim;
  bool seen = false;
  std::string text;  // a clause with the figures of both sides: "44 layers where there were 78"
  bool operator==(const ClaimCheck&) const = default;
};

// `a` is the best so far, `b` the candidate; `reimplemented`: groups of layers that another kernel computes now
// (LayerChangeKind::reimplemented, retyped or fused_differently).
[[nodiscard]] ClaimCheck check_claim(const Claim& claim, const RunFacts& a, const RunFacts& b,
                                     std::size_t reimplemented);
[[nodiscard]] std::vector<ClaimCheck> check_claims(std::span<const Claim> claims, const RunFacts& a, const RunFacts& b,
                                                   std::size_t reimplemented);

}  // namespace trtprof
