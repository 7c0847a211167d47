// How often each magnitude occurs in a stream of numbers, in bounded memory: what thresholds are chosen from.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace trtprof {

// Bins of one width over [0, limit), limit a power of two. Nothing has to be known of the numbers beforehand: what is
// beyond the limit doubles it, which merges pairs of bins. Edges of bins are multiples of powers of two, so counts are
// exact: the order of the numbers makes no difference, nor whether they came in one stream or in two that were merged.
class ActivationHistogram {
 public:
  // Between half of them and all lie below the largest magnitude: 16 or more for each of the 127 steps of INT8.
  static constexpr std::size_t kBins = 4096;

  void add(std::span<const float> values);
  void merge(const ActivationHistogram& other);

  // Finite numbers, zeros included, and among them the zeros. Neither zeros nor what is not finite is in a bin.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t zeros() const { return zeros_; }
  [[nodiscard]] std::uint64_t not_finite() const { return not_finite_; }
  [[nodiscard]] double min() const { return count_ == 0 ? 0.0 : min_; }
  [[nodiscard]] double max() const { return count_ == 0 ? 0.0 : max_; }
  [[nodiscard]] double absmax() const;

  // From the first to the one of the largest magnitude; empty when all numbers are zero. Bin i counts magnitudes in
  // [i, i + 1) * bin_width().
  [[nodiscard]] std::span<const std::uint64_t> bins() const;
  [[nodiscard]] double bin_width() const;
  // Of count(), with a magnitude above `threshold`; the bin that it lies in counts by the part above it.
  [[nodiscard]] double share_above(double threshold) const;

 private:
  void widen_to(int exponent);

  std::vector<std::uint64_t> bins_;  // empty until a number other than zero comes
  int exponent_ = 0;                 // of the limit, 2^exponent
  std::uint64_t count_ = 0;
  std::uint64_t zeros_ = 0;
  std::uint64_t not_finite_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
};

}  // namespace trtprof
