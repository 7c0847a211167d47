// What the machine did while it was measured: clocks, power, temperature, what held it back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trtprof {

// One quantity, sampled. Times are seconds since the beginning of the measurement (the clock of Timeline's activities).
struct TelemetrySeries {
  std::string quantity;  // "sm_clock", "memory_clock", "power", "temperature", "gpu_utilization", "package_power"
  std::string unit;      // "Hz", "W", "degC", "1"
  std::vector<double> times;
  std::vector<double> values;
  bool operator==(const TelemetrySeries&) const = default;
};

// A reason for which the device ran below its clocks, and how much of the sampled time it was in force.
struct ThrottleReason {
  std::string name;       // NVML's: "sw_power_cap", "hw_thermal_slowdown"
  double fraction = 0.0;  // of the samples taken during inferences: 0 to 1
  bool operator==(const ThrottleReason&) const = default;
};

// A part of the run, for the energy and for reading the series.
struct TelemetryPhase {
  std::string name;  // "end to end", "layers", "timeline"
  double start = 0.0;
  double end = 0.0;
  std::int64_t inferences = 0;
  std::optional<double> energy_joules;  // of the whole device, idle share and other processes included
  bool operator==(const TelemetryPhase&) const = default;
};

struct Telemetry {
  std::string source;           // "NVML 580.159.04", "RAPL"
  std::string device;           // "NVIDIA H200", "package-0"
  double period_seconds = 0.0;  // between samples, as asked
  std::vector<TelemetrySeries> series;
  std::vector<ThrottleReason> throttle_reasons;
  std::vector<TelemetryPhase> phases;
  std::optional<double> power_limit_watts;
  std::optional<double> max_sm_clock_hz;
  std::optional<double> max_memory_clock_hz;
  std::optional<double> locked_sm_clock_hz;  // --lock-clocks held it there
  std::string energy_source;                 // "the device's energy counter", "power, integrated"; empty: no energy
  std::vector<std::string> missing;          // what could not be read, and why, a sentence each
  bool operator==(const Telemetry&) const = default;
};

}  // namespace trtprof
