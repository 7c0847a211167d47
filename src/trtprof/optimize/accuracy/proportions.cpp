#include "trtprof/optimize/accuracy/proportions.h"

#include <algorithm>
#include <cmath>

namespace trtprof {
namespace {

constexpr double kZ = 1.959963984540054;  // of the normal distribution, 97.5 %
constexpr double kTail = 0.025;

// P(X <= k) of a binomial, summed from its logarithms: n is at most some thousands here.
double binomial_at_most(std::uint64_t k, std::uint64_t n, double p) {
  if (k >= n || p <= 0.0) return 1.0;
  if (p >= 1.0) return 0.0;
  const auto count = static_cast<double>(n);
  double sum = 0.0;
  for (std::uint64_t i = 0; i <= k; ++i) {
    const auto at = static_cast<double>(i);
    sum += std::exp(std::lgamma(count + 1) - std::lgamma(at + 1) - std::lgamma(count - at + 1) + at * std::log(p) +
                    (count - at) * std::log1p(-p));
  }
  return std::min(sum, 1.0);
}

// The p at which `tail`, which falls or rises with p, is kTail.
template <class Tail>
double solve(bool rises, const Tail& tail) {
  double low = 0.0;
  double high = 1.0;
  constexpr int bits = 60;
  for (int i = 0; i < bits; ++i) {
    const double middle = (low + high) / 2;
    const bool beyond = rises ? tail(middle) > kTail : tail(middle) < kTail;
    (beyond ? high : low) = middle;
  }
  return (low + high) / 2;
}

Interval clopper_pearson(std::uint64_t k, std::uint64_t n) {
  Interval interval{0.0, 1.0};
  if (k > 0) interval.low = solve(true, [&](double p) { return 1.0 - binomial_at_most(k - 1, n, p); });
  if (k < n) interval.high = solve(false, [&](double p) { return binomial_at_most(k, n, p); });
  return interval;
}

}  // namespace

Interval wilson_interval(std::uint64_t successes, std::uint64_t total) {
  const auto n = static_cast<double>(total);
  const double share = static_cast<double>(successes) / n;
  const double middle = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ / (1 + kZ * kZ / n) * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

double paired_drop(const PairedCounts& counts) {
  if (counts.total == 0) return 0.0;
  return (static_cast<double>(counts.only_first_right) - static_cast<double>(counts.only_second_right)) /
         static_cast<double>(counts.total);
}

Interval paired_drop_interval(const PairedCounts& counts) {
  const std::uint64_t apart = counts.only_first_right + counts.only_second_right;
  if (counts.total == 0 || apart == 0) return {0.0, 0.0};
  const Interval share = clopper_pearson(counts.only_first_right, apart);
  const double scale = static_cast<double>(apart) / static_cast<double>(counts.total);
  return {(2 * share.low - 1) * scale, (2 * share.high - 1) * scale};
}

double mcnemar_p(const PairedCounts& counts) {
  const std::uint64_t apart = counts.only_first_right + counts.only_second_right;
  const std::uint64_t fewer = std::min(counts.only_first_right, counts.only_second_right);
  return apart == 0 ? 1.0 : std::min(1.0, 2 * binomial_at_most(fewer, apart, 0.5));
}

}  // namespace trtprof
