#include "trtprof/base/two_modes.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "trtprof/base/statistics.h"

namespace trtprof {
namespace {

// Two modes: each group holds at least this share of the samples, the middle half of the way between their medians
// holds at most this share, and they lie this far apart. A uniform, normal or exponential distribution has over 20 %
// of its samples in that middle.
constexpr std::size_t kFewestForModes = 50;
constexpr double kLeastGroupShare = 0.10;
constexpr double kMostBetween = 0.05;
constexpr double kLeastDistance = 0.02;  // of the overall median
constexpr double kTrimmedShare = 0.01;   // at each end, so that one spike is no group

// Index of the first sample of the upper group in the split with the largest variance between groups (Otsu, IEEE
// Trans. SMC 9(1), 1979). `sorted` has at least two samples.
std::size_t best_split(std::span<const double> sorted) {
  double total = 0.0;
  for (const double sample : sorted) total += sample;
  const auto count = static_cast<double>(sorted.size());
  double lower = 0.0;
  double best = -1.0;
  std::size_t split = 1;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    lower += sorted[i - 1];
    const auto below = static_cast<double>(i);
    const double difference = lower / below - (total - lower) / (count - below);
    const double between = below * (count - below) * difference * difference;
    if (between > best) {
      best = between;
      split = i;
    }
  }
  return split;
}

}  // namespace

std::optional<TwoModes> find_two_modes(const std::vector<double>& samples) {
  if (samples.size() < kFewestForModes) return std::nullopt;
  std::vector<double> sorted = samples;
  std::ranges::sort(sorted);
  const auto trimmed = static_cast<std::size_t>(kTrimmedShare * static_cast<double>(sorted.size()));
  const std::span<const double> middle = std::span<const double>(sorted).subspan(trimmed, sorted.size() - 2 * trimmed);

  const std::size_t split = best_split(middle);
  const auto count = static_cast<double>(middle.size());
  TwoModes modes;
  modes.fast = percentile_of_sorted(middle.first(split), 0.5);
  modes.slow = percentile_of_sorted(middle.subspan(split), 0.5);
  modes.slow_share = static_cast<double>(middle.size() - split) / count;

  const double distance = modes.slow - modes.fast;
  const auto first_between = std::ranges::upper_bound(middle, modes.fast + 0.25 * distance);
  const auto last_between = std::lower_bound(first_between, middle.end(), modes.slow - 0.25 * distance);
  const double between = static_cast<double>(last_between - first_between) / count;
  const bool apart = distance > kLeastDistance * percentile_of_sorted(middle, 0.5);
  const bool both_filled = std::min(modes.slow_share, 1.0 - modes.slow_share) >= kLeastGroupShare;
  if (!apart || !both_filled || between > kMostBetween) return std::nullopt;
  return modes;
}

}  // namespace trtprof
