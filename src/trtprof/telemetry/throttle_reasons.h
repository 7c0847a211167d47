// NVML's reasons for clocks below the maximum, by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trtprof {

// Of each bit of nvmlDeviceGetCurrentClocksEventReasons' mask: NVML's name in small letters, "sw_power_cap"; "bit 17"
// of one that it did not have when this was written.
[[nodiscard]] std::string throttle_reason_name(unsigned bit);
inline constexpr unsigned kThrottleReasonBits = 64;

}  // namespace trtprof
