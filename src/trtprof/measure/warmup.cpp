#include <algorithm>
#include <cmath>
#include <span>

#include "trtprof/measure/stop_rule.h"

namespace trtprof {
namespace {

// With fewer samples a window's median absolute deviation says too little of its noise.
constexpr std::size_t kMinWindow = 4;
constexpr std::size_t kWindowShare = 5;  // a window is a fifth of the samples
// Between looks the samples grow by this factor: more looks are more chances to call a falling stream steady by luck.
constexpr double kLookGrowth = 1.25;
// A fall is believed when it exceeds this many standard errors of the difference of two medians. Three, because
// neighbouring samples are correlated on real machines, which the standard error does not know.
constexpr double kBelievedErrors = 3.0;
// A fall that matters to no one: half of the stop rule's default target.
constexpr double kIrrelevantFall = 0.005;
// Windows decide only when they could have shown a fall of this size.
constexpr double kNeededResolution = 0.02;

struct Window {
  double median = 0.0;
  double standard_error = 0.0;  // of the median
};

Window describe(std::span<const double> samples) {
  Window window;
  window.median = median(samples);
  std::vector<double> deviations(samples.size());
  std::ranges::transform(samples, deviations.begin(), [&](double sample) { return std::abs(sample - window.median); });
  // For normal noise: the standard deviation is 1.4826 times the median absolute deviation, and the standard error of
  // a median is sqrt(pi / 2) = 1.2533 times that of a mean.
  const double deviation = 1.4826 * median(deviations);
  window.standard_error = 1.2533 * deviation / std::sqrt(static_cast<double>(samples.size()));
  return window;
}

double share(double part, double whole) {
  return whole > 0.0 ? std::clamp(part / whole, 0.0, 1.0) : 1.0;
}

}  // namespace

Warmup::Warmup(const WarmupOptions& options)
    : options_(options),
      next_look_(kWindowShare * kMinWindow),
      over_(options.iterations.has_value() && *options.iterations <= 0) {}

bool Warmup::add(double sample, double elapsed) {
  samples_.push_back(sample);
  if (time_to_stop(elapsed)) {
    look();
    over_ = true;
  } else if (!options_.iterations && samples_.size() >= next_look_ && elapsed >= options_.min_seconds &&
             count() >= options_.min_iterations) {
    // Twice in a row: a window that holds a step down may have the median of the level before it.
    const bool was_steady = steady();
    look();
    over_ = was_steady && steady();
  }
  return over_;
}

bool Warmup::time_to_stop(double elapsed) const {
  return options_.iterations ? count() >= *options_.iterations : elapsed >= options_.max_seconds;
}

void Warmup::look() {
  next_look_ = static_cast<std::size_t>(std::ceil(static_cast<double>(samples_.size()) * kLookGrowth));
  verdict_ = std::nullopt;
  const std::size_t size = samples_.size() / kWindowShare;
  if (size < kMinWindow) return;

  const std::span<const double> all(samples_);
  const Window newest = describe(all.last(size));
  const Window before = describe(all.last(2 * size).first(size));
  const double fall = before.median - newest.median;
  const double resolution = kBelievedErrors * std::hypot(newest.standard_error, before.standard_error);
  if (fall > std::max(resolution, kIrrelevantFall * before.median)) {
    verdict_ = false;
  } else if (resolution <= kNeededResolution * before.median) {
    verdict_ = true;
  }
}

double Warmup::fraction_done(double elapsed) const {
  if (options_.iterations) return share(static_cast<double>(count()), static_cast<double>(*options_.iterations));
  return share(elapsed, options_.max_seconds);
}

}  // namespace trtprof
