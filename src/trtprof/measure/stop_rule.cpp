#include "trtprof/measure/stop_rule.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace trtprof {
namespace {

// Below six samples no pair of order statistics covers the median with 95 %, see median_interval().
constexpr std::size_t kFirstLook = 6;
// Between looks the samples grow by this factor. A run overshoots by a quarter at most, and all looks together sort
// about five times what the last one does.
constexpr double kLookGrowth = 1.25;

std::size_t look_after(std::size_t count) {
  return std::max(count + 1, static_cast<std::size_t>(std::ceil(static_cast<double>(count) * kLookGrowth)));
}

double share(double part, double whole) {
  return whole > 0.0 ? std::clamp(part / whole, 0.0, 1.0) : 1.0;
}

}  // namespace

std::optional<double> relative_half_width(double median, const std::optional<Interval>& interval) {
  if (!interval || !(median > 0.0)) return std::nullopt;
  return 0.5 * (interval->high - interval->low) / median;
}

StopRule::StopRule(const StopRuleOptions& options) : options_(options), next_look_(kFirstLook) {}

std::optional<StopReason> StopRule::add(double sample, double elapsed) {
  samples_.push_back(sample);
  const auto count = static_cast<std::int64_t>(samples_.size());

  if (options_.iterations) {
    if (count >= *options_.iterations || samples_.size() >= next_look_) look();
    return count >= *options_.iterations ? std::optional(StopReason::iterations) : std::nullopt;
  }
  if (elapsed >= options_.max_seconds) {
    look();
    return narrow_enough() ? StopReason::converged : StopReason::max_duration;
  }
  if (!minimums_were_met_ && minimums_met(elapsed)) {
    minimums_were_met_ = true;
    next_look_ = samples_.size();
  }
  if (samples_.size() < next_look_) return std::nullopt;
  look();
  return minimums_were_met_ && narrow_enough() ? std::optional(StopReason::converged) : std::nullopt;
}

bool StopRule::minimums_met(double elapsed) const {
  return std::cmp_greater_equal(samples_.size(), options_.min_iterations) && elapsed >= options_.min_seconds;
}

bool StopRule::narrow_enough() const {
  return half_width_ && *half_width_ <= options_.target_relative_half_width;
}

void StopRule::look() {
  next_look_ = look_after(samples_.size());
  median_ = median(samples_);
  half_width_ = trtprof::relative_half_width(*median_, median_interval(samples_));
}

double StopRule::fraction_done(double elapsed) const {
  const auto count = static_cast<double>(samples_.size());
  if (options_.iterations) return share(count, static_cast<double>(*options_.iterations));
  // An interval narrows with the square root of the samples, so this is the share of those that it still takes.
  double converged = 0.0;
  if (narrow_enough()) {
    converged = 1.0;
  } else if (half_width_) {
    const double ratio = share(options_.target_relative_half_width, *half_width_);
    converged = ratio * ratio;
  }
  const double minimums =
      std::min(share(count, static_cast<double>(options_.min_iterations)), share(elapsed, options_.min_seconds));
  return std::max(share(elapsed, options_.max_seconds), std::min(minimums, converged));
}

}  // namespace trtprof
