#include "trtprof/base/statistics.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

// Seeded streams from the generator's bits alone: the standard library's distributions differ between libraries.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : random_(seed) {}
  double uniform() { return (static_cast<double>(random_() >> 11U) + 0.5) * 0x1p-53; }  // in (0, 1)
  double normal() { return std::sqrt(-2.0 * std::log(uniform())) * std::cos(2.0 * std::numbers::pi * uniform()); }
  double exponential() { return -std::log(uniform()); }

  std::vector<double> normals(std::size_t n) {
    std::vector<double> samples(n);
    std::generate(samples.begin(), samples.end(), [this] { return normal(); });
    return samples;
  }
  // x[t] = phi x[t-1] + e[t], stationary from the first sample on.
  std::vector<double> autoregressive(std::size_t n, double phi) {
    std::vector<double> samples(n);
    double value = normal() / std::sqrt(1.0 - phi * phi);
    for (double& sample : samples) {
      sample = value;
      value = phi * value + normal();
    }
    return samples;
  }

 private:
  std::mt19937_64 random_;
};

std::vector<double> one_to(std::size_t n) {
  std::vector<double> samples(n);
  std::iota(samples.begin(), samples.end(), 1.0);
  return samples;
}

// A permutation of 1..n whose neighbours are not correlated, so that ranks are not spread.
std::vector<double> scrambled_one_to(std::size_t n) {
  std::vector<double> samples = one_to(n);
  std::mt19937_64 random(4);
  for (std::size_t i = n; i > 1; --i) {
    std::swap(samples[i - 1], samples[random() % i]);
  }
  return samples;
}

// 1 + 2 * sum of the ranks' autocorrelations by Geyer's rule, lag by lag from the definition; `values` are distinct.
double effective_count_by_definition(const std::vector<double>& values) {
  const std::size_t n = values.size();
  std::vector<double> ranks(n);
  for (std::size_t i = 0; i < n; ++i) {
    ranks[i] = static_cast<double>(
        std::count_if(values.begin(), values.end(), [&](double other) { return other < values[i]; }));
  }
  const double mean = static_cast<double>(n - 1) / 2.0;
  const auto covariance = [&](std::size_t lag) {
    double sum = 0.0;
    for (std::size_t t = 0; t + lag < n; ++t) {
      sum += (ranks[t] - mean) * (ranks[t + lag] - mean);
    }
    return sum;
  };
  double time = -1.0;
  for (std::size_t lag = 0; lag + 1 < n; lag += 2) {
    const double pair = (covariance(lag) + covariance(lag + 1)) / covariance(0);
    if (pair <= 0.0) {
      break;
    }
    time += 2.0 * pair;
  }
  return std::clamp(static_cast<double>(n) / time, 1.0, static_cast<double>(n));
}

// Type 7 by hand: position (n - 1) * fraction, counted from 0.
TEST(Percentile, InterpolatesBetweenClosestRanks) {
  const std::vector<double> sorted{1, 2, 3, 4, 10};
  EXPECT_DOUBLE_EQ(percentile_of_sorted(sorted, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(percentile_of_sorted(sorted, 0.25), 2.0);
  EXPECT_DOUBLE_EQ(percentile_of_sorted(sorted, 0.5), 3.0);
  EXPECT_DOUBLE_EQ(percentile_of_sorted(sorted, 0.90), 7.6);   // 3.6: 4 + 0.6 * 6
  EXPECT_DOUBLE_EQ(percentile_of_sorted(sorted, 0.95), 8.8);   // 3.8: 4 + 0.8 * 6
  EXPECT_DOUBLE_EQ(percentile_of_sorted(sorted, 0.99), 9.76);  // 3.96
  EXPECT_DOUBLE_EQ(percentile_of_sorted(sorted, 1.0), 10.0);
}

TEST(Percentile, OfOneSampleIsThatSample) {
  const std::vector<double> one{0.25};
  for (const double fraction : {0.0, 0.5, 0.99, 1.0}) {
    EXPECT_EQ(percentile_of_sorted(one, fraction), 0.25);
  }
}

TEST(Percentile, OfEqualSamplesIsExact) {
  const std::vector<double> equal(7, 0.1);
  for (double fraction = 0.0; fraction <= 1.0; fraction += 0.01) {
    EXPECT_EQ(percentile_of_sorted(equal, fraction), 0.1);
  }
}

TEST(Median, OddEvenAndUnsorted) {
  EXPECT_EQ(median(std::vector<double>{3, 1, 2}), 2.0);
  EXPECT_EQ(median(std::vector<double>{4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median(std::vector<double>{5}), 5.0);
}

// Ranks of Conover's table of 95 % intervals (exact binomial, p = 1/2).
TEST(MedianInterval, RanksOfTheBinomialTable) {
  struct Row {
    std::size_t n;
    double low;
    double high;
  };
  for (const Row& row : {Row{6, 1, 6}, Row{7, 1, 7}, Row{8, 1, 8}, Row{9, 2, 8}, Row{10, 2, 9}, Row{20, 6, 15},
                         Row{50, 18, 33}, Row{100, 40, 61}}) {
    std::vector<double> samples = scrambled_one_to(row.n);
    if (effective_sample_count(samples) < static_cast<double>(row.n)) {
      samples.assign(row.n, 0.0);  // alternate around the middle instead: negatively correlated, so nothing is spread
      for (std::size_t i = 0; i < row.n; ++i) {
        samples[i] = static_cast<double>(i % 2 == 0 ? i / 2 + 1 : row.n - i / 2);
      }
    }
    ASSERT_EQ(effective_sample_count(samples), static_cast<double>(row.n)) << row.n;
    EXPECT_EQ(median_interval(samples), (Interval{row.low, row.high})) << row.n;
  }
}

TEST(MedianInterval, NoneBelowSixSamples) {
  for (std::size_t n = 0; n <= 5; ++n) {
    EXPECT_EQ(median_interval(one_to(n)), std::nullopt) << n;
  }
  EXPECT_TRUE(median_interval(one_to(6)).has_value());
}

// Past 1000 samples the ranks come from the normal approximation: compared with the exact binomial sum.
TEST(MedianInterval, LargeSamplesDifferFromTheExactRanksByAtMostOne) {
  for (const std::size_t n : {1000U, 1001U, 1500U, 4000U, 10001U}) {
    double cumulative = 0.0;
    std::size_t exact = 0;
    for (std::size_t k = 0; k < n; ++k) {
      const double count = static_cast<double>(n);
      const double at = static_cast<double>(k);
      cumulative += std::exp(std::lgamma(count + 1) - std::lgamma(at + 1) - std::lgamma(count - at + 1) -
                             count * std::numbers::ln2);
      if (cumulative > 0.025) {
        exact = k;
        break;
      }
    }
    std::vector<double> alternating(n);
    for (std::size_t i = 0; i < n; ++i) {
      alternating[i] = static_cast<double>(i % 2 == 0 ? i / 2 + 1 : n - i / 2);
    }
    ASSERT_EQ(effective_sample_count(alternating), static_cast<double>(n));
    const auto interval = median_interval(alternating);
    ASSERT_TRUE(interval.has_value());
    EXPECT_NEAR(interval->low, static_cast<double>(exact), 1.0) << n;
    EXPECT_EQ(interval->low + interval->high, static_cast<double>(n + 1)) << n;
  }
}

TEST(MedianInterval, OfAConstantStreamIsThePoint) {
  const std::vector<double> constant(100, 0.1);
  EXPECT_EQ(median_interval(constant), (Interval{0.1, 0.1}));
}

TEST(MedianInterval, EnclosesTheMedian) {
  Stream stream(21);
  for (std::size_t n = 6; n < 200; ++n) {
    const std::vector<double> samples = stream.autoregressive(n, 0.7);
    const auto interval = median_interval(samples);
    ASSERT_TRUE(interval.has_value()) << n;
    EXPECT_LE(interval->low, median(samples)) << n;
    EXPECT_GE(interval->high, median(samples)) << n;
  }
}

// How often the interval encloses the true median. `make` returns a stream whose true median is `truth`.
template <class Make>
double coverage(int trials, double truth, const Make& make) {
  int enclosed = 0;
  for (int i = 0; i < trials; ++i) {
    const Interval interval = median_interval(make()).value();
    enclosed += interval.low <= truth && truth <= interval.high ? 1 : 0;
  }
  return static_cast<double>(enclosed) / trials;
}

// Five standard errors of a coverage of 95 % over that many trials: one failure in a million seeds.
double slack(int trials) {
  return 5.0 * std::sqrt(0.95 * 0.05 / trials);
}

TEST(MedianInterval, CoversIndependentSkewedSamples) {
  Stream stream(7);
  constexpr int kTrials = 4000;
  for (const std::size_t n : {6U, 20U, 101U, 400U}) {
    const double covered = coverage(kTrials, std::numbers::ln2, [&] {
      std::vector<double> samples(n);
      std::generate(samples.begin(), samples.end(), [&] { return stream.exponential(); });
      return samples;
    });
    EXPECT_GE(covered, 0.95 - slack(kTrials)) << n;
    EXPECT_LE(covered, 0.99) << n;  // not by being wide
  }
}

TEST(MedianInterval, CoversCorrelatedSamplesWhereIgnoringItWouldNot) {
  Stream stream(8);
  constexpr int kTrials = 1000;
  constexpr std::size_t kSamples = 500;
  constexpr double kPhi = 0.8;
  const double covered = coverage(kTrials, 0.0, [&] { return stream.autoregressive(kSamples, kPhi); });
  EXPECT_GE(covered, 0.95 - slack(kTrials));
  EXPECT_LE(covered, 0.995);

  // The same samples in an order that hides their correlation.
  std::mt19937_64 random(9);
  const double ignoring = coverage(kTrials, 0.0, [&] {
    std::vector<double> samples = stream.autoregressive(kSamples, kPhi);
    std::shuffle(samples.begin(), samples.end(), random);
    return samples;
  });
  EXPECT_LT(ignoring, 0.80);
}

TEST(EffectiveSampleCount, AllOfFewSamples) {
  for (std::size_t n = 0; n < 10; ++n) {
    EXPECT_EQ(effective_sample_count(one_to(n)), static_cast<double>(n));
  }
}

TEST(EffectiveSampleCount, AllOfAConstantStream) {
  EXPECT_EQ(effective_sample_count(std::vector<double>(1000, 0.1)), 1000.0);
}

TEST(EffectiveSampleCount, NearlyAllOfIndependentSamples) {
  Stream stream(1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_GT(effective_sample_count(stream.normals(2000)), 1500.0);
  }
}

// Var(mean) of a stationary AR(1) is that of n (1 - phi) / (1 + phi) independent samples. The ranks' autocorrelation of
// a Gaussian stream is 6/pi asin(rho/2) (Pearson 1907), a little under rho: summed over the lags, the theory below.
TEST(EffectiveSampleCount, OfAnAutoregressiveStreamIsNearTheory) {
  Stream stream(2);
  constexpr std::size_t kSamples = 20000;
  for (const double phi : {0.3, 0.6, 0.9}) {
    double time = 1.0;
    for (int lag = 1; lag < 500; ++lag) {
      time += 2.0 * 6.0 / std::numbers::pi * std::asin(std::pow(phi, lag) / 2.0);
    }
    const double theory = static_cast<double>(kSamples) / time;
    const double textbook = static_cast<double>(kSamples) * (1.0 - phi) / (1.0 + phi);
    EXPECT_NEAR(theory / textbook, 1.0, 0.06) << phi;
    double mean = 0.0;
    constexpr int kStreams = 10;
    for (int i = 0; i < kStreams; ++i) {
      mean += effective_sample_count(stream.autoregressive(kSamples, phi)) / kStreams;
    }
    EXPECT_NEAR(mean / theory, 1.0, 0.10) << phi;
  }
}

TEST(EffectiveSampleCount, NegativeCorrelationDoesNotExceedTheCount) {
  Stream stream(3);
  EXPECT_EQ(effective_sample_count(stream.autoregressive(1000, -0.7)), 1000.0);
}

TEST(EffectiveSampleCount, ADriftIsWorthAFewSamples) {
  EXPECT_LT(effective_sample_count(one_to(1000)), 10.0);
  EXPECT_GE(effective_sample_count(one_to(1000)), 1.0);
}

TEST(EffectiveSampleCount, AnOutlierDoesNotHideADrift) {
  std::vector<double> samples = one_to(1000);
  samples[300] = 1e9;
  EXPECT_LT(effective_sample_count(samples), 10.0);
}

TEST(EffectiveSampleCount, ClockOfCoarseTicks) {
  Stream stream(6);
  std::vector<double> samples(1000);
  std::generate(samples.begin(), samples.end(), [&] { return stream.uniform() < 0.1 ? 2e-6 : 1e-6; });
  EXPECT_GT(effective_sample_count(samples), 700.0);
  EXPECT_EQ(median_interval(samples), (Interval{1e-6, 1e-6}));
}

// Short correlations are summed lag by lag, long ones through a Fourier transform.
TEST(EffectiveSampleCount, IsTheDefinitionForShortAndLongCorrelations) {
  Stream stream(4);
  for (const std::size_t n : {10U, 11U, 64U, 257U, 1500U, 2048U}) {
    std::vector<double> drifting = stream.normals(n);
    for (std::size_t i = 0; i < n; ++i) {
      drifting[i] += 20.0 * static_cast<double>(i) / static_cast<double>(n);
    }
    for (const std::vector<double>& samples : {stream.normals(n), stream.autoregressive(n, 0.9), drifting}) {
      const double expected = effective_count_by_definition(samples);
      EXPECT_NEAR(effective_sample_count(samples), expected, 1e-9 * expected) << n;
    }
  }
}

TEST(Summarize, KnownValues) {
  const std::vector<double> samples{2, 4, 4, 4, 5, 5, 7, 9};
  const Summary summary = summarize(samples);
  EXPECT_EQ(summary.count, 8U);
  EXPECT_EQ(summary.min, 2.0);
  EXPECT_EQ(summary.max, 9.0);
  EXPECT_DOUBLE_EQ(summary.mean, 5.0);
  EXPECT_DOUBLE_EQ(summary.stddev.value(), std::sqrt(32.0 / 7.0));  // squares: 9+1+1+1+0+0+4+16
  EXPECT_DOUBLE_EQ(summary.median, 4.5);
  EXPECT_EQ(summary.median_interval, (Interval{2.0, 9.0}));  // 8 samples: the smallest and the largest
  EXPECT_DOUBLE_EQ(summary.p90, 7.6);                        // position 6.3: 7 + 0.3 * 2
  EXPECT_DOUBLE_EQ(summary.p95, 8.3);                        // 6.65
  EXPECT_DOUBLE_EQ(summary.p99, 8.86);                       // 6.93
  EXPECT_EQ(summary.outliers, 0U);
  EXPECT_EQ(summary.effective_count, 8.0);
}

TEST(Summarize, OneToFiveSamples) {
  for (std::size_t n = 1; n <= 5; ++n) {
    const Summary summary = summarize(one_to(n));
    EXPECT_EQ(summary.count, n);
    EXPECT_EQ(summary.min, 1.0);
    EXPECT_EQ(summary.max, static_cast<double>(n));
    EXPECT_DOUBLE_EQ(summary.mean, static_cast<double>(n + 1) / 2.0);
    EXPECT_DOUBLE_EQ(summary.median, static_cast<double>(n + 1) / 2.0);
    EXPECT_EQ(summary.stddev.has_value(), n >= 2);
    EXPECT_EQ(summary.median_interval, std::nullopt);
    EXPECT_EQ(summary.outliers, 0U);
    EXPECT_EQ(summary.effective_count, static_cast<double>(n));
  }
  EXPECT_DOUBLE_EQ(summarize(one_to(2)).stddev.value(), std::sqrt(0.5));
}

TEST(Summarize, ConstantStreamIsExact) {
  const Summary summary = summarize(std::vector<double>(1000, 0.1));
  EXPECT_EQ(summary.mean, 0.1);
  EXPECT_EQ(summary.stddev, 0.0);
  EXPECT_EQ(summary.median, 0.1);
  EXPECT_EQ(summary.p99, 0.1);
  EXPECT_EQ(summary.outliers, 0U);
}

TEST(Summarize, NearlyEqualLargeValuesKeepTheirSpread) {
  const Summary summary = summarize(std::vector<double>{1e9 + 1, 1e9 + 2, 1e9 + 3});
  EXPECT_DOUBLE_EQ(summary.mean, 1e9 + 2);
  EXPECT_DOUBLE_EQ(summary.stddev.value(), 1.0);
}

// Quartiles of 1..9 are 3 and 7: the outer fences are -9 and 19.
TEST(Summarize, OutliersAreCountedOutsideTheOuterFencesAndKept) {
  std::vector<double> samples = one_to(9);
  EXPECT_EQ(summarize(samples).outliers, 0U);
  samples[8] = 19.0;  // on the fence
  EXPECT_EQ(summarize(samples).outliers, 0U);
  samples[8] = 19.001;
  EXPECT_EQ(summarize(samples).outliers, 1U);
  samples[0] = -9.001;
  const Summary summary = summarize(samples);
  EXPECT_EQ(summary.outliers, 2U);
  EXPECT_EQ(summary.count, 9U);
  EXPECT_EQ(summary.max, 19.001);
}

TEST(Summarize, DriftWidensTheInterval) {
  const Summary drifting = summarize(one_to(1000));
  const Summary steady = summarize(scrambled_one_to(1000));
  EXPECT_EQ(drifting.median, steady.median);
  const auto width = [](const Summary& s) { return s.median_interval->high - s.median_interval->low; };
  EXPECT_GT(width(drifting), 5.0 * width(steady));
}

TEST(Summarize, TheOrderChangesOnlyWhatDependsOnIt) {
  Summary ascending = summarize(one_to(100));
  const Summary scrambled = summarize(scrambled_one_to(100));
  ascending.effective_count = scrambled.effective_count;
  ascending.median_interval = scrambled.median_interval;
  EXPECT_EQ(ascending, scrambled);
}

}  // namespace
}  // namespace trtprof
