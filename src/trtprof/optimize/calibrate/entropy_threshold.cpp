#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "trtprof/optimize/calibrate/threshold.h"

namespace trtprof {
namespace {

// x log x, which is 0 at 0.
double x_log_x(double x) {
  return x > 0.0 ? x * std::log(x) : 0.0;
}

// Sums over the first i bins, so that a candidate costs a step for each level and not for each bin.
struct RunningSums {
  std::vector<double> count;
  std::vector<double> occupied;  // bins that are not empty
  std::vector<double> entropy;   // of count * log(count)

  explicit RunningSums(std::span<const std::uint64_t> bins)
      : count(bins.size() + 1), occupied(bins.size() + 1), entropy(bins.size() + 1) {
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const auto here = static_cast<double>(bins[i]);
      count[i + 1] = count[i] + here;
      occupied[i + 1] = occupied[i] + (bins[i] != 0 ? 1.0 : 0.0);
      entropy[i + 1] = entropy[i] + x_log_x(here);
    }
  }
};

// KL(P || Q) in nats for a threshold behind the first `kept` bins. P: their counts, and what is clipped in the last
// one. Q: the counts of each level, spread evenly over its occupied bins. Both are normalised. nullopt: it has no
// limit.
std::optional<double> divergence(const RunningSums& sums, std::size_t kept, std::size_t levels) {
  const double all = sums.count.back();
  const double inside = sums.count[kept];
  const double last = inside - sums.count[kept - 1];
  const double clipped = all - inside;
  if (last == 0.0) return std::nullopt;
  const double p_log_p = sums.entropy[kept] - x_log_x(last) + x_log_x(last + clipped);
  double p_log_q = 0.0;
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t begin = level * kept / levels;
    const std::size_t end = (level + 1) * kept / levels;
    const double count = sums.count[end] - sums.count[begin];
    if (count == 0.0) continue;
    const double each = std::log(count / (sums.occupied[end] - sums.occupied[begin]));
    p_log_q += (count + (level + 1 == levels ? clipped : 0.0)) * each;
  }
  return (p_log_p - p_log_q) / all - std::log(all) + std::log(inside);
}

}  // namespace

double entropy_threshold(const ActivationHistogram& histogram, int steps) {
  const auto bins = histogram.bins();
  if (bins.empty()) return 0.0;
  const RunningSums sums(bins);
  const auto levels = static_cast<std::size_t>(steps) + 1;
  std::size_t best = bins.size();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t kept = std::min(levels, bins.size()); kept <= bins.size(); ++kept) {
    const auto candidate = divergence(sums, kept, levels);
    if (!candidate || *candidate >= least) continue;
    least = *candidate;
    best = kept;
  }
  return std::min((static_cast<double>(best) + 0.5) * histogram.bin_width(), histogram.absmax());
}

}  // namespace trtprof
