// How large the numbers of a stream are, in bounded memory: percentiles of magnitudes to 2 %.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace trtprof {

// One counter for each sixteenth between two powers of two of f32: nothing has to be known of the numbers beforehand,
// and counts of several streams add up.
class MagnitudeHistogram {
 public:
  void add(float value);  // NaN and infinities are counted apart

  [[nodiscard]] std::uint64_t count() const { return count_; }  // finite values, zeros included
  [[nodiscard]] std::uint64_t zeros() const { return zeros_; }
  [[nodiscard]] std::uint64_t not_finite() const { return not_finite_; }
  // The middle of the counter that holds the magnitude which `percent` (0 to 100) of all are not above; nullopt: there
  // are none.
  [[nodiscard]] std::optional<double> percentile(double percent) const;

 private:
  static constexpr unsigned kMantissaBits = 4;
  std::vector<std::uint64_t> counters_ = std::vector<std::uint64_t>(std::size_t{256} << kMantissaBits);
  std::uint64_t count_ = 0;
  std::uint64_t zeros_ = 0;
  std::uint64_t not_finite_ = 0;
};

}  // namespace trtprof
