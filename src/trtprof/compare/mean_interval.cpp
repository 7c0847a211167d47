#include "trtprof/compare/mean_interval.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "trtprof/compare/student.h"

namespace trtprof {

double MeanEstimate::error() const {
  return std::sqrt(variance / count);
}

MeanEstimate mean_of_observations(std::span<const double> values, double within) {
  assert(values.size() >= 2);
  const auto count = static_cast<double>(values.size());
  // Shifted by the first, so that equal observations have no variance at all.
  double mean = 0.0;
  for (const double value : values) mean += value - values.front();
  mean = values.front() + mean / count;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::max(squares / (count - 1.0), within), count - 1.0, count};
}

MeanEstimate difference(const MeanEstimate& a, const MeanEstimate& b) {
  const double of_a = a.variance / a.count;
  const double of_b = b.variance / b.count;
  const double both = of_a + of_b;
  const double weighed = of_a * of_a / a.degrees + of_b * of_b / b.degrees;
  const double degrees = weighed > 0.0 ? both * both / weighed
                         : both > 0.0  ? std::numeric_limits<double>::infinity()
                                       : std::min(a.degrees, b.degrees);
  return {b.mean - a.mean, both, degrees, 1.0};
}

double half_width(const MeanEstimate& estimate, double level) {
  return two_sided_t(level, estimate.degrees) * estimate.error();
}

}  // namespace trtprof
