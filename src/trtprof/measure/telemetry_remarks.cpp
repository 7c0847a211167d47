#include "trtprof/measure/telemetry_remarks.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/statistics.h"
#include "trtprof/profile/telemetry_values.h"

namespace trtprof {
namespace {

constexpr double kNotableClockChange = 0.02;
// The middle nine tenths: a single reading in a pause is no change.
constexpr double kLowShare = 0.05;
constexpr double kHighShare = 0.95;
constexpr double kHertzPerMegahertz = 1e6;

using Reason = std::pair<std::string_view, std::string_view>;
constexpr std::array<Reason, 3> kPowerReasons = {{{"sw_power_cap", "the power limit"},
                                                  {"hw_power_brake_slowdown", "the power brake of the system"},
                                                  {"board_limit", "the board's limit"}}};
// NVML sets hw_slowdown with either of its causes; it is said where none of them is.
constexpr std::array<Reason, 3> kThermalReasons = {{{"sw_thermal_slowdown", "the temperature"},
                                                    {"hw_thermal_slowdown", "the temperature, by hardware"},
                                                    {"hw_slowdown", "temperature or power, by hardware"}}};

void remark_on_clock(const Telemetry& telemetry, Remarks& remarks) {
  const std::vector<double> clocks = values_during_phases(telemetry, "sm_clock");
  if (clocks.empty()) return;
  const double low = percentile_of_sorted(clocks, kLowShare);
  const double high = percentile_of_sorted(clocks, kHighShare);
  const double middle = percentile_of_sorted(clocks, 0.5);
  if (!(middle > 0.0) || (high - low) / middle <= kNotableClockChange) return;
  remarks.warnings.push_back(fmt::format(
      "The SM clock changed by {:.1f} % while inferences were measured, between {:.0f} and {:.0f} MHz: times follow it",
      (high - low) / middle * 100.0, low / kHertzPerMegahertz, high / kHertzPerMegahertz));
}

template <std::size_t count>
void remark_on_reasons(const Telemetry& telemetry, const std::array<Reason, count>& reasons, Remarks& remarks) {
  bool said = false;
  for (const auto& [name, cause] : reasons) {
    const double fraction = throttled_fraction(telemetry, name);
    if (fraction <= 0.0 || (said && name == "hw_slowdown")) continue;
    said = true;
    remarks.warnings.push_back(fmt::format("The clocks were held down by {} for {:.1f} % of the measured time ({})",
                                           cause, fraction * 100.0, name));
  }
}

}  // namespace

Remarks telemetry_remarks(const Telemetry& telemetry) {
  Remarks remarks;
  remark_on_clock(telemetry, remarks);
  remark_on_reasons(telemetry, kPowerReasons, remarks);
  remark_on_reasons(telemetry, kThermalReasons, remarks);
  return remarks;
}

}  // namespace trtprof
