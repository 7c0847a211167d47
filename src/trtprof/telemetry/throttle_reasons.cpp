#include "trtprof/telemetry/throttle_reasons.h"

#include <array>

#include <fmt/format.h>

namespace trtprof {

std::string throttle_reason_name(unsigned bit) {
  // nvmlClocksEventReason* and, for the last two, nvmlClocksThrottleReason*.
  constexpr std::array<const char*, 11> names = {"gpu_idle",
                                                 "applications_clocks_setting",
                                                 "sw_power_cap",
                                                 "hw_slowdown",
                                                 "sync_boost",
                                                 "sw_thermal_slowdown",
                                                 "hw_thermal_slowdown",
                                                 "hw_power_brake_slowdown",
                                                 "display_clock_setting",
                                                 "board_limit",
                                                 "reliability"};
  return bit < names.size() ? names.at(bit) : fmt::format("bit {}", bit);
}

}  // namespace trtprof
