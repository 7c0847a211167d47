#include "trtprof/optimize/sensitivity/trial_score.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trtprof {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double error_of(const OutputError& output) {
  if (output.not_finite_apart > 0) return kInfinity;
  if (output.sqnr_db) return std::pow(10.0, -*output.sqnr_db / 20.0);
  return output.max_absolute.value_or(0.0) > 0.0 ? kInfinity : 0.0;
}

}  // namespace

std::optional<double> TrialScore::sqnr_db() const {
  if (error <= 0.0 || !std::isfinite(error)) return std::nullopt;
  return -20.0 * std::log10(error);
}

TrialScore score_of(const AccuracyResult& result) {
  TrialScore score;
  score.samples = result.samples;
  for (const OutputError& output : result.outputs) {
    score.error = std::max(score.error, error_of(output));
    if (!output.agreement || output.agreement->rows == 0) continue;
    const double share = static_cast<double>(output.agreement->top1) / static_cast<double>(output.agreement->rows);
    score.agreement = std::min(score.agreement.value_or(1.0), share);
  }
  if (result.labels && result.labels->samples > 0) {
    score.top1 = static_cast<double>(result.labels->other.top1) / static_cast<double>(result.labels->samples);
    score.drop = paired_drop(result.labels->top1);
  }
  return score;
}

}  // namespace trtprof
