// What is read out of a Telemetry by those who show or judge it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "trtprof/profile/telemetry.h"

namespace trtprof {

// Sampled while inferences were measured, in ascending order: not between the runs, where the device idles. Of a
// profile without phases all that was sampled.
[[nodiscard]] std::vector<double> values_during_phases(const Telemetry& telemetry, std::string_view quantity);

[[nodiscard]] std::optional<double> energy_per_inference(const TelemetryPhase& phase);

// Of the time of the phases; 0 where it was never in force.
[[nodiscard]] double throttled_fraction(const Telemetry& telemetry, std::string_view reason);

// Of several quantities of one meaning the first that was sampled: the power at the moment before an average.
struct SampledQuantity {
  std::string_view quantity;
  std::vector<double> values;  // as values_during_phases()
};
[[nodiscard]] std::optional<SampledQuantity> first_sampled(const Telemetry& telemetry,
                                                           std::initializer_list<std::string_view> quantities);

}  // namespace trtprof
