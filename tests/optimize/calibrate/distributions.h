// Numbers as activations have them, the same in each run and in threshold_reference.py.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/optimize/calibrate/activation_histogram.h"

namespace trtprof::test {

// Knuth's MMIX generator.
class Uniform {
 public:
  double operator()() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11U) * 0x1p-53;
  }

 private:
  std::uint64_t state_ = 1;
};

inline constexpr std::size_t kNumbers = 20000;

// "normal": of variance 1. "exponential": as behind a ReLU, every other one zero. "outliers": normal, and one in a
// thousand is thirty times as large. "relu6": normal of deviation 4, clipped to 0 and 6.
inline std::vector<float> distribution(std::string_view name, std::size_t count = kNumbers) {
  Uniform uniform;
  std::vector<float> numbers;
  for (std::size_t i = 0; i < count; ++i) {
    const double u = uniform();
    const double v = uniform();
    const double normal = std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * std::numbers::pi * v);
    double number = normal;
    if (name == "exponential") number = i % 2 == 0 ? 0.0 : -std::log(1 - u);
    if (name == "outliers" && i % 1000 == 999) number *= 30;
    if (name == "relu6") number = std::fmin(std::fmax(4 * normal, 0.0), 6.0);
    numbers.push_back(static_cast<float>(number));
  }
  return numbers;
}

inline ActivationHistogram histogram_of(std::span<const float> numbers) {
  ActivationHistogram histogram;
  histogram.add(numbers);
  return histogram;
}

}  // namespace trtprof::test
