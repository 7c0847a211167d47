// Series and launches of known truth, and how often something was right.
#pragma once

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "trtprof/compare/resample.h"
#include "trtprof/compare/verdict.h"

namespace trtprof::test {

struct SeriesTruth {
  double median = 1e-3;
  double noise = 0.05;       // of the logarithm, one sample
  double correlation = 0.0;  // of neighbours (AR(1))
  double slow_share = 0.0;   // of samples in a second mode, half as fast again
  std::size_t samples = 300;
};

// Times whose logarithm is AR(1) around that of the median: log-normal, as times are, with the tail upwards.
inline std::vector<double> synthetic_series(const SeriesTruth& truth, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<double> series;
  double state = normal(random);
  const double fresh = std::sqrt(1.0 - truth.correlation * truth.correlation);
  for (std::size_t i = 0; i < truth.samples; ++i) {
    const double slow = uniform(random) < truth.slow_share ? std::log(1.5) : 0.0;
    series.push_back(truth.median * std::exp(truth.noise * state + slow));
    state = truth.correlation * state + fresh * normal(random);
  }
  return series;
}

// Wilson's interval of a share (JASA 22, 1927) at 95 %.
struct Share {
  double share = 0.0;
  double low = 0.0;
  double high = 0.0;
};
inline Share share_of(int count, int trials) {
  constexpr double kZ = 1.959963984540054;
  const double n = trials;
  const double p = count / n;
  const double centre = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ / (1 + kZ * kZ / n) * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  return {p, centre - half, centre + half};
}

}  // namespace trtprof::test
