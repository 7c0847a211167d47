// Synthetic sample streams: seeded, the same on every machine.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>

namespace trtprof::test {

// The next sample in seconds.
using Stream = std::function<double()>;

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return std::ldexp(static_cast<double>(engine_() >> 11U), -53); }
  // Sum of twelve uniform numbers: normal enough, and defined bit by bit.
  double normal() {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

 private:
  std::mt19937_64 engine_;
};

inline Stream constant(double seconds) {
  return [=] { return seconds; };
}

inline Stream noisy(double seconds, double relative_noise, std::uint64_t seed) {
  return [=, noise = Noise(seed)]() mutable { return seconds * (1.0 + relative_noise * noise.normal()); };
}

// Long right tail, as machines have it.
inline Stream log_normal(double seconds, double sigma, std::uint64_t seed) {
  return [=, noise = Noise(seed)]() mutable { return seconds * std::exp(sigma * noise.normal()); };
}

// Neighbours alike: x = rho * x + sqrt(1 - rho^2) * noise has the variance of `noisy`.
inline Stream correlated(double seconds, double relative_noise, double rho, std::uint64_t seed) {
  return [=, noise = Noise(seed), state = 0.0]() mutable {
    state = rho * state + std::sqrt(1.0 - rho * rho) * noise.normal();
    return seconds * (1.0 + relative_noise * state);
  };
}

// Grows by `per_sample` of the start with every sample.
inline Stream drifting(double seconds, double per_sample, double relative_noise, std::uint64_t seed) {
  return [=, noise = Noise(seed), n = 0]() mutable {
    return seconds * (1.0 + per_sample * n++ + relative_noise * noise.normal());
  };
}

// `slow` with probability `slow_share`, else `fast`; a little noise on both.
inline Stream bimodal(double fast, double slow, double slow_share, std::uint64_t seed) {
  return [=, noise = Noise(seed)]() mutable {
    const double mode = noise.uniform() < slow_share ? slow : fast;
    return mode * (1.0 + 0.002 * noise.normal());
  };
}

// `base` falling to it from `excess` times more: exp(-n / decay).
inline Stream settling(double base, double excess, double decay, double relative_noise, std::uint64_t seed) {
  return [=, noise = Noise(seed), n = 0]() mutable {
    return base * (1.0 + excess * std::exp(-n++ / decay) + relative_noise * noise.normal());
  };
}

}  // namespace trtprof::test
