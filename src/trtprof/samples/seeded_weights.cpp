#include "trtprof/samples/seeded_weights.h"

namespace trtprof::samples {

float SeededWeights::normal() {
  const std::uint64_t bits = engine_();
  const auto sum =
      static_cast<std::int64_t>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48));
  constexpr std::int64_t mean = 4 * 65535 / 2;
  // One over the standard deviation of four uniform integers: sqrt(12 / (4 * (65536^2 - 1))).
  constexpr double scale = 2.6428997921303018e-05;
  return static_cast<float>(static_cast<double>(sum - mean) * scale);
}

float SeededWeights::uniform(float low, float high) {
  const auto step = static_cast<float>(engine_() >> 48);  // 16 bits: exact in a float
  const double part = static_cast<double>(high - low) * static_cast<double>(step);
  return static_cast<float>(static_cast<double>(low) + part / 65536.0);
}

}  // namespace trtprof::samples
