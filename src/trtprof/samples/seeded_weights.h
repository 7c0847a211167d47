// Random numbers for weights that are the same on every machine, compiler and standard library.
//
// std::normal_distribution may differ between standard libraries, and log and cos between C libraries. Here a draw is
// the sum of the four 16-bit quarters of one std::mt19937_64 output (whose sequence the C++ standard fixes): Irwin and
// Hall's distribution of order 4, near enough to a normal one, with integers throughout and one rounding at the end.
#pragma once

#include <cstdint>
#include <random>

namespace trtprof::samples {

class SeededWeights {
 public:
  explicit SeededWeights(std::uint64_t seed) : engine_(seed) {}

  // Mean 0 and variance 1; lies within +-3.5.
  [[nodiscard]] float normal();
  // In [low, high), in 65536 steps.
  [[nodiscard]] float uniform(float low, float high);

 private:
  std::mt19937_64 engine_;
};

}  // namespace trtprof::samples
