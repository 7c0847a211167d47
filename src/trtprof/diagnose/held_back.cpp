#include "trtprof/diagnose/held_back.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "trtprof/base/statistics.h"
#include "trtprof/profile/telemetry_values.h"

namespace trtprof {
namespace {

// A reason in force for a smaller part of the time moves no median.
constexpr double kOften = 0.1;
// Clocks step and waver by a few percent on their own.
constexpr double kBelowHighest = 0.05;

double share_throttled(const Telemetry& telemetry, std::initializer_list<std::string_view> reasons,
                       std::vector<Evidence>& evidence) {
  double largest = 0.0;
  for (const std::string_view reason : reasons) {
    const double fraction = throttled_fraction(telemetry, reason);
    if (fraction < kOften) continue;
    evidence.push_back({std::string(reason) + ", of the time sampled", fraction, "1", {}});
    largest = std::max(largest, fraction);
  }
  return largest;
}

// Below the highest clock; a clock that was locked is where it was wanted.
void look_at_clock(const Telemetry& telemetry, std::vector<HeldBack>& found) {
  if (telemetry.locked_sm_clock_hz || !telemetry.max_sm_clock_hz || !found.empty()) return;
  const std::vector<double> clocks = values_during_phases(telemetry, "sm_clock");
  if (clocks.empty()) return;
  const double clock = percentile_of_sorted(clocks, 0.5);
  const double below = 1.0 - clock / *telemetry.max_sm_clock_hz;
  if (below < kBelowHighest) return;
  found.push_back({HeldBackBy::clock,
                   below,
                   {{"multiprocessor clock, median", clock, "Hz", {}},
                    {"highest multiprocessor clock", *telemetry.max_sm_clock_hz, "Hz", {}}}});
}

}  // namespace

std::vector<HeldBack> held_back(const Profile& profile) {
  std::vector<HeldBack> found;
  if (!profile.telemetry) return found;
  const Telemetry& telemetry = *profile.telemetry;
  std::vector<Evidence> evidence;
  const double power = share_throttled(telemetry, {"sw_power_cap", "hw_power_brake_slowdown", "board_limit"}, evidence);
  if (power > 0.0) {
    if (telemetry.power_limit_watts) evidence.push_back({"power limit", *telemetry.power_limit_watts, "W", {}});
    found.push_back({HeldBackBy::power, power, std::move(evidence)});
  }
  evidence.clear();
  const double heat = share_throttled(telemetry, {"sw_thermal_slowdown", "hw_thermal_slowdown"}, evidence);
  if (heat > 0.0) found.push_back({HeldBackBy::temperature, heat, std::move(evidence)});
  evidence.clear();
  const double slowdown = share_throttled(telemetry, {"hw_slowdown", "sync_boost", "reliability"}, evidence);
  if (slowdown > 0.0) found.push_back({HeldBackBy::clock, slowdown, std::move(evidence)});
  look_at_clock(telemetry, found);
  return found;
}

}  // namespace trtprof
