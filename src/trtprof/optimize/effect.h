// How much one of two series of paired rounds is longer than the other.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "trtprof/base/statistics.h"

namespace trtprof {

// The median of paired differences with its 95 % interval. Rounds are the blocks: they are far enough apart that what
// is left of their correlation is seen by effective_sample_count().
struct Effect {
  double seconds = 0.0;
  std::optional<Interval> interval;  // nullopt: too few rounds
  std::size_t rounds = 0;
  [[nodiscard]] bool seen() const { return interval && (interval->low > 0.0 || interval->high < 0.0); }
  bool operator==(const Effect&) const = default;
};
// Of a[i] - b[i]. The two are of one length, at least 1.
[[nodiscard]] Effect paired_effect(std::span<const double> a, std::span<const double> b);

}  // namespace trtprof
