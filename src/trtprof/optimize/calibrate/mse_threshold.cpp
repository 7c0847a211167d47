#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "trtprof/optimize/calibrate/threshold.h"

namespace trtprof {
namespace {

// Sums over the first i bins of count, count * x and count * x^2, x the middle of a bin in widths of one: the error of
// all bins that round to one level is known from them in one step.
struct Moments {
  std::vector<double> count;
  std::vector<double> first;
  std::vector<double> second;

  explicit Moments(std::span<const std::uint64_t> bins)
      : count(bins.size() + 1), first(bins.size() + 1), second(bins.size() + 1) {
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const auto here = static_cast<double>(bins[i]);
      const double middle = static_cast<double>(i) + 0.5;
      count[i + 1] = count[i] + here;
      first[i + 1] = first[i] + here * middle;
      second[i + 1] = second[i] + here * middle * middle;
    }
  }
};

// Sum of squared differences, in squared widths, when `threshold` (in widths) becomes `steps`.
double squared_error(const Moments& moments, double threshold, int steps) {
  const double scale = threshold / steps;
  const std::size_t bins = moments.count.size() - 1;
  double error = 0.0;
  std::size_t begin = 0;
  for (int level = 0; level <= steps && begin < bins; ++level) {
    // Bins with their middle below the next boundary round to this level; the last one takes the rest.
    const double boundary = std::ceil((level + 0.5) * scale - 0.5);
    const std::size_t end = level == steps ? bins : std::min(bins, static_cast<std::size_t>(std::max(boundary, 0.0)));
    if (end <= begin) continue;
    const double at = level * scale;
    error += (moments.second[end] - moments.second[begin]) - 2 * at * (moments.first[end] - moments.first[begin]) +
             at * at * (moments.count[end] - moments.count[begin]);
    begin = end;
  }
  return error;
}

}  // namespace

double mse_threshold(const ActivationHistogram& histogram, int steps) {
  const auto bins = histogram.bins();
  if (bins.empty()) return 0.0;
  const Moments moments(bins);
  const double most = histogram.absmax() / histogram.bin_width();
  double best = most;
  double least = squared_error(moments, most, steps);
  for (std::size_t edge = 1; static_cast<double>(edge) < most; ++edge) {
    const double error = squared_error(moments, static_cast<double>(edge), steps);
    if (error >= least) continue;
    least = error;
    best = static_cast<double>(edge);
  }
  return best * histogram.bin_width();
}

}  // namespace trtprof
