// How far a trial of a conversion is from the reference, in numbers that can be put in order.
#pragma once

#include <cstdint>
#include <optional>

#include "trtprof/optimize/accuracy/accuracy.h"

namespace trtprof {

struct TrialScore {
  // Root mean square of the difference as a part of that of the reference, of the output where it is largest. It tells
  // layers apart before any first class changes. Infinity: something is not a finite number that is one in the
  // reference, or the reference is all zero and the trial is not.
  double error = 0.0;
  std::optional<double> agreement;  // share of rows with the reference's first class, of the output where it is lowest
  std::optional<double> top1;       // share of samples with the label; nullopt: there are no labels
  std::optional<double> drop;       // of that against the reference's
  std::uint64_t samples = 0;
  bool operator==(const TrialScore&) const = default;

  // 20 log10 (1 / error); nullopt where that is not finite.
  [[nodiscard]] std::optional<double> sqnr_db() const;
};

[[nodiscard]] TrialScore score_of(const AccuracyResult& result);

}  // namespace trtprof
