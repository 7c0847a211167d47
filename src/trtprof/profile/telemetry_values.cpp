#include "trtprof/profile/telemetry_values.h"

#include <algorithm>

namespace trtprof {
namespace {

bool in_a_phase(const Telemetry& telemetry, double time) {
  return std::ranges::any_of(telemetry.phases,
                             [time](const TelemetryPhase& phase) { return time >= phase.start && time <= phase.end; });
}

}  // namespace

std::vector<double> values_during_phases(const Telemetry& telemetry, std::string_view quantity) {
  std::vector<double> values;
  for (const TelemetrySeries& series : telemetry.series) {
    if (series.quantity != quantity) continue;
    for (std::size_t i = 0; i < std::min(series.times.size(), series.values.size()); ++i) {
      if (telemetry.phases.empty() || in_a_phase(telemetry, series.times[i])) values.push_back(series.values[i]);
    }
  }
  std::ranges::sort(values);
  return values;
}

std::optional<double> energy_per_inference(const TelemetryPhase& phase) {
  if (!phase.energy_joules || phase.inferences <= 0) return std::nullopt;
  return *phase.energy_joules / static_cast<double>(phase.inferences);
}

double throttled_fraction(const Telemetry& telemetry, std::string_view reason) {
  const auto found = std::ranges::find(telemetry.throttle_reasons, reason, &ThrottleReason::name);
  return found == telemetry.throttle_reasons.end() ? 0.0 : found->fraction;
}

std::optional<SampledQuantity> first_sampled(const Telemetry& telemetry,
                                             std::initializer_list<std::string_view> quantities) {
  for (const std::string_view quantity : quantities) {
    std::vector<double> values = values_during_phases(telemetry, quantity);
    if (!values.empty()) return SampledQuantity{quantity, std::move(values)};
  }
  return std::nullopt;
}

}  // namespace trtprof
