// The clock of every measurement, and of the times of activities and telemetry: monotonic, from an arbitrary start.
#pragma once

#include <chrono>
#include <cstdint>

namespace trtprof {

[[nodiscard]] inline std::int64_t steady_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

[[nodiscard]] inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace trtprof
