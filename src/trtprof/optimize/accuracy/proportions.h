// Shares of a counted whole, with the doubt that counting leaves. All intervals are 95 %.
#pragma once

#include <cstdint>

#include "trtprof/base/statistics.h"

namespace trtprof {

// E. B. Wilson, J. Amer. Statist. Assoc. 22 (1927): within 0 to 1, and useful at both ends. `total` is not 0.
[[nodiscard]] Interval wilson_interval(std::uint64_t successes, std::uint64_t total);

// Two classifiers on the same samples: only samples on which one of them alone is right tell them apart.
struct PairedCounts {
  std::uint64_t total = 0;
  std::uint64_t only_first_right = 0;
  std::uint64_t only_second_right = 0;
};

// By how much the second is less often right than the first: -1 to 1.
[[nodiscard]] double paired_drop(const PairedCounts& counts);

// Of paired_drop(): given how many samples tell them apart, those that speak for the first are binomial; the interval
// is Clopper and Pearson's (Biometrika 26, 1934) of that share, on the scale of the drop. Exact, so never too narrow.
[[nodiscard]] Interval paired_drop_interval(const PairedCounts& counts);

// McNemar's exact test (Psychometrika 12, 1947): how often a difference as large would be seen of two that are equally
// often right. Two-sided.
[[nodiscard]] double mcnemar_p(const PairedCounts& counts);

}  // namespace trtprof
