// Where telemetry comes from: a GPU's NVML (nvml_source.h), a CPU's sysfs (cpu_source.h), a test's script.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/profile/telemetry.h"

namespace trtprof {

// One quantity that can be read again and again; nullopt: not this time.
struct Sensor {
  std::string quantity;
  std::string unit;
  // Changes slowly, or is slow to read: read every kSlowRounds-th round.
  bool slow = false;
  std::function<std::optional<double>()> read;
};

struct TelemetrySource {
  // Source, device, limits, and what is missing; no series.
  Telemetry facts;
  double default_period = 0.02;
  std::vector<Sensor> sensors;
  std::function<std::optional<std::uint64_t>()> throttle_mask;  // may be empty; bits: throttle_reasons.h
  std::function<std::optional<double>()> energy_joules;         // from an arbitrary start; may be empty
  std::string energy_name;                                      // "the GPU's energy counter"
  std::optional<double> energy_update_seconds;                  // between steps of the counter, where it is known

  // Is there anything to sample?
  [[nodiscard]] bool empty() const { return sensors.empty() && !throttle_mask && !energy_joules; }
};

inline constexpr std::int64_t kSlowRounds = 10;

// Sensors by which the recorder finds the power of a device without an energy counter.
inline constexpr const char* kPower = "power";                 // at the moment it is read
inline constexpr const char* kAveragePower = "average_power";  // over the last second

}  // namespace trtprof
