#include "trtprof/optimize/calibrate/threshold.h"

#include <algorithm>
#include <cmath>

namespace trtprof {
namespace {

// That of this rank, from 0 on, among those that are not zero: the numbers of a bin lie evenly in it.
double magnitude_at(const ActivationHistogram& histogram, double rank) {
  const auto bins = histogram.bins();
  double before = 0.0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const auto here = static_cast<double>(bins[i]);
    if (before + here > rank) {
      return (static_cast<double>(i) + (rank - before + 0.5) / here) * histogram.bin_width();
    }
    before += here;
  }
  return histogram.absmax();
}

}  // namespace

double min_max_threshold(const ActivationHistogram& histogram) {
  return histogram.absmax();
}

double percentile_threshold(const ActivationHistogram& histogram, double percent) {
  if (histogram.bins().empty()) return 0.0;
  const double share = std::clamp(percent, 0.0, 100.0) / 100.0;
  double rank = share * static_cast<double>(histogram.count() - 1) - static_cast<double>(histogram.zeros());
  if (rank < 0.0) rank = share * static_cast<double>(histogram.count() - histogram.zeros() - 1);
  const double below = std::floor(rank);
  const double low = magnitude_at(histogram, below);
  const double high = rank > below ? magnitude_at(histogram, below + 1) : low;
  return std::min(low + (rank - below) * (high - low), histogram.absmax());
}

}  // namespace trtprof
