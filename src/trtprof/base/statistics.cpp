#include "trtprof/base/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <utility>

namespace trtprof {

namespace {

constexpr double kTail = 0.025;                        // on each side of a 95 % interval
constexpr double kNormalQuantile = 1.959963984540054;  // of 1 - kTail
// Up to here the binomial tail is summed exactly (2^-1000 is still a normal double); past it, Conover's normal
// approximation with continuity correction differs by at most one rank.
constexpr std::size_t kExactBinomialSamples = 1000;
constexpr std::size_t kFewestForCorrelation = 10;
constexpr double kOuterFence = 3.0;  // Tukey, Exploratory Data Analysis, 2C: "far out"
// Lags that are summed one by one. Nearly every series ends here; a drifting one of 10^5 samples would take 10^9 steps
// and goes through the Fourier transform instead.
constexpr std::size_t kDirectLags = 256;

std::vector<double> sorted_copy(std::span<const double> samples) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::ranges::sort(sorted);
  return sorted;
}

// Shifted by the first sample, so that the mean of equal samples is exactly that sample.
double mean_of(std::span<const double> samples) {
  const double origin = samples.front();
  const double sum =
      std::accumulate(samples.begin(), samples.end(), 0.0, [&](double s, double x) { return s + (x - origin); });
  return origin + sum / static_cast<double>(samples.size());
}

std::optional<double> stddev_of(std::span<const double> samples, double mean) {
  if (samples.size() < 2) {
    return std::nullopt;
  }
  const double squares = std::accumulate(samples.begin(), samples.end(), 0.0,
                                         [&](double s, double x) { return s + (x - mean) * (x - mean); });
  return std::sqrt(squares / static_cast<double>(samples.size() - 1));
}

// Ranks less their mean; equal samples share the mean of their ranks.
std::vector<double> centred_ranks(std::span<const double> samples) {
  const std::size_t n = samples.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return samples[a] < samples[b]; });
  std::vector<double> ranks(n);
  const double centre = static_cast<double>(n - 1) / 2.0;
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    while (last + 1 < n && samples[order[last + 1]] == samples[order[first]]) {
      ++last;
    }
    const double rank = static_cast<double>(first + last) / 2.0 - centre;
    for (; first <= last; ++first) {
      ranks[order[first]] = rank;
    }
  }
  return ranks;
}

double product_at_lag(std::span<const double> values, std::size_t lag) {
  return std::inner_product(values.begin() + static_cast<std::ptrdiff_t>(lag), values.end(), values.begin(), 0.0);
}

using Spectrum = std::vector<std::complex<double>>;

// Radix 2, in place, forward; the size is a power of two.
void fourier_transform(Spectrum& values) {
  const std::size_t n = values.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {  // bit reversal
    std::size_t bit = n >> 1U;
    for (; (j & bit) != 0; bit >>= 1U) {
      j ^= bit;
    }
    j ^= bit;
    if (i < j) {
      std::swap(values[i], values[j]);
    }
  }
  for (std::size_t length = 2; length <= n; length *= 2) {
    const std::size_t half = length / 2;
    std::vector<std::complex<double>> twiddles(half);
    for (std::size_t k = 0; k < half; ++k) {
      twiddles[k] = std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length));
    }
    for (std::size_t start = 0; start < n; start += length) {
      for (std::size_t k = 0; k < half; ++k) {
        const std::complex<double> even = values[start + k];
        const std::complex<double> odd = values[start + k + half] * twiddles[k];
        values[start + k] = even + odd;
        values[start + k + half] = even - odd;
      }
    }
  }
}

// product_at_lag() for every lag (Wiener and Khinchin): padded with as many zeros, so that the ends do not meet.
std::vector<double> products_at_all_lags(std::span<const double> values) {
  std::size_t size = 1;
  while (size < 2 * values.size()) {
    size *= 2;
  }
  Spectrum spectrum(size);
  std::ranges::copy(values, spectrum.begin());
  fourier_transform(spectrum);
  for (auto& value : spectrum) {
    value = std::norm(value);
  }
  fourier_transform(spectrum);  // of a real and even series: forward and inverse differ by the factor alone
  std::vector<double> products(values.size());
  for (std::size_t lag = 0; lag < products.size(); ++lag) {
    products[lag] = spectrum[lag].real() / static_cast<double>(size);
  }
  return products;
}

// 1 + 2 * the sum of autocorrelations of `values` (mean 0, not all 0), by pairs of lags (2k, 2k + 1) as long as a
// pair's sum is positive.
double autocorrelation_time(std::span<const double> values) {
  const double variance = product_at_lag(values, 0);
  std::vector<double> all;
  const auto at = [&](std::size_t lag) {
    if (lag >= kDirectLags && all.empty()) {
      all = products_at_all_lags(values);
    }
    return (all.empty() ? product_at_lag(values, lag) : all[lag]) / variance;
  };
  double sum_of_pairs = 0.0;
  for (std::size_t lag = 0; lag + 1 < values.size(); lag += 2) {
    const double pair = at(lag) + at(lag + 1);
    if (pair <= 0.0) {
      break;
    }
    sum_of_pairs += pair;
  }
  return 2.0 * sum_of_pairs - 1.0;  // lag 0 is in the first pair once, not twice
}

// The largest r with P(B < r) <= kTail for B binomial(n, 1/2): the r-th smallest and the r-th largest sample enclose
// the median with 95 % or more. 0 where there is none.
std::size_t lower_rank(std::size_t n) {
  if (n > kExactBinomialSamples) {
    const auto count = static_cast<double>(n);
    return static_cast<std::size_t>(std::floor(count / 2.0 - 0.5 - kNormalQuantile * std::sqrt(count) / 2.0)) + 1;
  }
  double probability = std::ldexp(1.0, -static_cast<int>(n));  // P(B = 0)
  double cumulative = probability;
  std::size_t rank = 0;
  while (cumulative <= kTail) {
    ++rank;
    probability *= static_cast<double>(n - rank + 1) / static_cast<double>(rank);
    cumulative += probability;
  }
  return rank;
}

std::optional<Interval> interval_of_sorted(std::span<const double> sorted, double effective_count) {
  const std::size_t n = sorted.size();
  const std::size_t rank = n == 0 ? 0 : lower_rank(n);
  if (rank == 0) {
    return std::nullopt;
  }
  const double centre = static_cast<double>(n + 1) / 2.0;
  const double spread = std::sqrt(static_cast<double>(n) / effective_count);
  const double half_width = (centre - static_cast<double>(rank)) * spread;
  const double low_rank = std::max(1.0, std::floor(centre - half_width));
  const auto index = static_cast<std::size_t>(low_rank) - 1;
  return Interval{sorted[index], sorted[n - 1 - index]};
}

}  // namespace

double percentile_of_sorted(std::span<const double> sorted, double fraction) {
  assert(!sorted.empty());
  const double position = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

// As percentile_of_sorted() has it, without sorting all of them.
double median(std::span<const double> samples) {
  assert(!samples.empty());
  std::vector<double> values(samples.begin(), samples.end());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::ranges::max_element(values.begin(), middle);
  return std::lerp(below, *middle, 0.5);
}

double effective_sample_count(std::span<const double> samples) {
  const auto n = static_cast<double>(samples.size());
  if (samples.size() < kFewestForCorrelation) {
    return n;
  }
  const std::vector<double> ranks = centred_ranks(samples);
  if (std::ranges::all_of(ranks, [](double rank) { return rank == 0.0; })) {
    return n;
  }
  return std::clamp(n / std::max(autocorrelation_time(ranks), 1.0), 1.0, n);
}

std::optional<Interval> median_interval(std::span<const double> samples) {
  return interval_of_sorted(sorted_copy(samples), effective_sample_count(samples));
}

Summary summarize(std::span<const double> samples) {
  assert(!samples.empty());
  const std::vector<double> sorted = sorted_copy(samples);
  const double lower_quartile = percentile_of_sorted(sorted, 0.25);
  const double upper_quartile = percentile_of_sorted(sorted, 0.75);
  const double reach = kOuterFence * (upper_quartile - lower_quartile);

  Summary summary;
  summary.count = sorted.size();
  summary.min = sorted.front();
  summary.max = sorted.back();
  summary.mean = mean_of(samples);
  summary.stddev = stddev_of(samples, summary.mean);
  summary.median = percentile_of_sorted(sorted, 0.5);
  summary.effective_count = effective_sample_count(samples);
  summary.median_interval = interval_of_sorted(sorted, summary.effective_count);
  summary.p90 = percentile_of_sorted(sorted, 0.90);
  summary.p95 = percentile_of_sorted(sorted, 0.95);
  summary.p99 = percentile_of_sorted(sorted, 0.99);
  summary.outliers = static_cast<std::size_t>(std::count_if(sorted.begin(), sorted.end(), [&](double sample) {
    return sample < lower_quartile - reach || sample > upper_quartile + reach;
  }));
  return summary;
}

}  // namespace trtprof
