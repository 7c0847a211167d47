// Pure functions over samples. No clock, no state; a value that the samples do not support is std::nullopt.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace trtprof {

struct Interval {
  double low = 0.0;
  double high = 0.0;
  bool operator==(const Interval&) const = default;
};

// What is kept of a series of samples beside the samples themselves. Same unit as the samples (seconds for times).
struct Summary {
  std::size_t count = 0;
  double min = 0.0;
  double max = 0.0;
  double mean = 0.0;
  std::optional<double> stddev;  // n-1 in the denominator; needs two samples
  double median = 0.0;
  std::optional<Interval> median_interval;  // 95 %, see median_interval()
  double p90 = 0.0;
  double p95 = 0.0;
  double p99 = 0.0;
  std::size_t outliers = 0;      // samples outside Tukey's outer fences (quartiles -/+ 3 IQR); counted, never dropped
  double effective_count = 0.0;  // samples' worth of independent information, see effective_sample_count()
  bool operator==(const Summary&) const = default;
};

// Linear interpolation between closest ranks (Hyndman and Fan's type 7, numpy's default). fraction in [0, 1].
// `sorted` must be ascending and not empty.
[[nodiscard]] double percentile_of_sorted(std::span<const double> sorted, double fraction);

[[nodiscard]] double median(std::span<const double> samples);

// n / (1 + 2 * sum of autocorrelations), summed by Geyer's initial positive sequence (Statist. Sci. 7(4), 1992), so
// that a slow drift of the machine does not pass for precision. The autocorrelations are those of the ranks
// (Spearman's): the variance of the times themselves can be that of one outlier, which would hide the drift. In [1, n];
// n for fewer than 10 samples and for a constant stream.
[[nodiscard]] double effective_sample_count(std::span<const double> samples);

// 95 % interval of the median from order statistics (Conover, Practical Nonparametric Statistics, 3.2): distribution
// free. The ranks are spread by sqrt(n / effective_sample_count) when neighbouring samples are correlated, at most to
// the smallest and the largest sample. nullopt below 6 samples, where no pair of order statistics reaches 95 %.
[[nodiscard]] std::optional<Interval> median_interval(std::span<const double> samples);

// `samples` must not be empty; all values must be finite.
[[nodiscard]] Summary summarize(std::span<const double> samples);

}  // namespace trtprof
