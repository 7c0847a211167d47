#include "trtprof/optimize/precision/magnitude_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace trtprof {
namespace {

constexpr unsigned kMantissaOfF32 = 23;
constexpr std::uint32_t kMagnitude = 0x7FFF'FFFFU;

}  // namespace

void MagnitudeHistogram::add(float value) {
  if (!std::isfinite(value)) {
    ++not_finite_;
    return;
  }
  ++count_;
  const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(value) & kMagnitude;
  if (magnitude == 0) {
    ++zeros_;
  } else {
    ++counters_[magnitude >> (kMantissaOfF32 - kMantissaBits)];
  }
}

std::optional<double> MagnitudeHistogram::percentile(double percent) const {
  if (count_ == 0) return std::nullopt;
  const double rank = std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(count_);
  auto seen = static_cast<double>(zeros_);
  if (seen >= rank) return 0.0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    if (counters_[i] == 0) continue;
    seen += static_cast<double>(counters_[i]);
    last = i;
    if (seen >= rank) break;
  }
  const auto edge = [](std::size_t counter) {
    return double{std::bit_cast<float>(static_cast<std::uint32_t>(counter) << (kMantissaOfF32 - kMantissaBits))};
  };
  const double upper = last + 1 < counters_.size() ? edge(last + 1) : edge(last);
  return std::isfinite(upper) ? (edge(last) + upper) / 2 : edge(last);
}

}  // namespace trtprof
