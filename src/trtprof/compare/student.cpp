#include "trtprof/compare/student.h"

#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace trtprof {
namespace {

constexpr int kMostTerms = 500;
constexpr double kPrecision = 1e-14;
constexpr double kTiny = 1e-300;       // keeps Lentz's method off a division by zero
constexpr double kAlmostNormal = 1e7;  // degrees of freedom at which t and the normal agree to 1e-7

// Continued fraction of the incomplete beta function, for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  double c = 1.0;
  double d = 1.0 - (a + b) * x / (a + 1.0);
  d = 1.0 / (std::abs(d) < kTiny ? kTiny : d);
  double result = d;
  const auto step = [&](double coefficient) {
    d = 1.0 + coefficient * d;
    d = 1.0 / (std::abs(d) < kTiny ? kTiny : d);
    c = 1.0 + coefficient / c;
    if (std::abs(c) < kTiny) c = kTiny;
    result *= d * c;
    return d * c;
  };
  for (int m = 1; m <= kMostTerms; ++m) {
    const double even = a + 2.0 * m;
    step(m * (b - m) * x / ((even - 1.0) * even));
    const double change = step(-(a + m) * (a + b + m) * x / (even * (even + 1.0)));
    if (std::abs(change - 1.0) < kPrecision) break;
  }
  return result;
}

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);  // std::lgamma() writes a global
}

double incomplete_beta(double a, double b, double x) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1.0) / (a + b + 2.0) ? front * beta_fraction(a, b, x) / a
                                       : 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

}  // namespace

double t_within(double t, double degrees) {
  if (degrees > kAlmostNormal) return std::erf(std::abs(t) / std::numbers::sqrt2);
  return 1.0 - incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + t * t));
}

double two_sided_t(double level, double degrees) {
  assert(level > 0.0 && level < 1.0 && degrees > 0.0);
  double low = 0.0;
  double high = 1.0;
  while (t_within(high, degrees) < level && high < std::numeric_limits<double>::max() / 4.0) high *= 2.0;
  for (int i = 0; i < 200 && high - low > 1e-12 * high; ++i) {
    const double middle = (low + high) / 2.0;
    (t_within(middle, degrees) < level ? low : high) = middle;
  }
  return (low + high) / 2.0;
}

}  // namespace trtprof
