#include "trtprof/optimize/calibrate/activation_histogram.h"

#include <algorithm>
#include <cmath>

namespace trtprof {
namespace {

constexpr int kBinBits = 12;
static_assert(ActivationHistogram::kBins == std::size_t{1} << kBinBits);

// Of the smallest power of two that is above `magnitude`, which is not zero.
int exponent_above(double magnitude) {
  int exponent = 0;
  static_cast<void>(std::frexp(magnitude, &exponent));
  return exponent;
}

std::size_t bin_of(double magnitude, double bins_per_unit) {
  return std::min(static_cast<std::size_t>(magnitude * bins_per_unit), ActivationHistogram::kBins - 1);
}

}  // namespace

void ActivationHistogram::add(std::span<const float> values) {
  double least = min_;
  double most = max_;
  double bins_per_unit = bins_.empty() ? 0.0 : 1.0 / bin_width();
  double limit = bins_.empty() ? 0.0 : std::ldexp(1.0, exponent_);
  for (const float number : values) {
    const double value = number;
    if (!std::isfinite(number)) {
      ++not_finite_;
      continue;
    }
    ++count_;
    least = std::min(least, value);
    most = std::max(most, value);
    const double magnitude = std::abs(value);
    if (magnitude == 0.0) {
      ++zeros_;
      continue;
    }
    if (magnitude >= limit) {
      widen_to(exponent_above(magnitude));
      bins_per_unit = 1.0 / bin_width();
      limit = std::ldexp(1.0, exponent_);
    }
    ++bins_[bin_of(magnitude, bins_per_unit)];
  }
  min_ = least;
  max_ = most;
}

void ActivationHistogram::merge(const ActivationHistogram& other) {
  count_ += other.count_;
  zeros_ += other.zeros_;
  not_finite_ += other.not_finite_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  if (other.bins_.empty()) return;
  ActivationHistogram copy = other;
  widen_to(std::max(other.exponent_, bins_.empty() ? other.exponent_ : exponent_));
  copy.widen_to(exponent_);
  for (std::size_t i = 0; i < kBins; ++i) bins_[i] += copy.bins_[i];
}

// Called before a number that is beyond the limit is counted, and never with less than the limit is.
void ActivationHistogram::widen_to(int exponent) {
  if (bins_.empty()) {
    bins_.assign(kBins, 0);
    exponent_ = exponent;
    return;
  }
  for (; exponent_ < exponent; ++exponent_) {
    for (std::size_t i = 0; i < kBins / 2; ++i) bins_[i] = bins_[2 * i] + bins_[2 * i + 1];
    std::fill(bins_.begin() + kBins / 2, bins_.end(), 0);
  }
}

double ActivationHistogram::absmax() const {
  return std::max(std::abs(min()), std::abs(max()));
}

double ActivationHistogram::bin_width() const {
  return std::ldexp(1.0, exponent_ - kBinBits);
}

std::span<const std::uint64_t> ActivationHistogram::bins() const {
  if (bins_.empty()) return {};
  return std::span(bins_).first(bin_of(absmax(), 1.0 / bin_width()) + 1);
}

double ActivationHistogram::share_above(double threshold) const {
  if (count_ == 0 || threshold >= absmax()) return 0.0;
  const auto counts = bins();
  double above = 0.0;
  for (std::size_t i = counts.size(); i-- > 0;) {
    const double low = static_cast<double>(i) * bin_width();
    const double high = std::min(low + bin_width(), absmax());
    if (high <= threshold) break;
    const double part = high > low ? std::min(1.0, (high - threshold) / (high - low)) : 1.0;
    above += part * static_cast<double>(counts[i]);
  }
  return above / static_cast<double>(count_);
}

}  // namespace trtprof
