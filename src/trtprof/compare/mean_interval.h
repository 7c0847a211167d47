// Means of few observations and how far they can be trusted. Private to compare/.
#pragma once

#include <span>

namespace trtprof {

// Of what the observations are made of: noise within each, and what varies from one to the next.
struct MeanEstimate {
  double mean = 0.0;
  double variance = 0.0;               // of one observation
  double degrees = 0.0;                // of freedom, of the variance; infinite where it is known
  double count = 1.0;                  // observations
  [[nodiscard]] double error() const;  // standard error of the mean
};

// Two observations or more. `within`: the variance that each has by itself, known from the samples within it. What is
// seen between few observations can be less than that by luck alone, so it is never taken to be.
[[nodiscard]] MeanEstimate mean_of_observations(std::span<const double> values, double within);

// Difference of the means b - a of two independent estimates: Welch's degrees of freedom (Biometrika 34, 1947).
[[nodiscard]] MeanEstimate difference(const MeanEstimate& a, const MeanEstimate& b);

// Half of the interval of the mean at this level, by Student's t.
[[nodiscard]] double half_width(const MeanEstimate& estimate, double level);

}  // namespace trtprof
