// Quantiles of Student's t distribution, for intervals from few launches.
#pragma once

namespace trtprof {

// The t with P(|T| <= t) = level for `degrees` degrees of freedom (not necessarily whole: Welch's are not). level in
// (0, 1), degrees > 0; infinity of them is the normal distribution. By bisection over the regularised incomplete beta
// function (Abramowitz and Stegun 26.7.1 and 26.5.8, the latter's continued fraction by Lentz's method); 1e-10
// relative.
[[nodiscard]] double two_sided_t(double level, double degrees);

// P(|T| <= t).
[[nodiscard]] double t_within(double t, double degrees);

}  // namespace trtprof
