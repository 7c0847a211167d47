// What Linux tells of the CPUs that this process may run on: clock, temperature, power and energy.
#pragma once

#include <filesystem>
#include <functional>
#include <set>

#include "trtprof/telemetry/source.h"

namespace trtprof {

// Numbers of the logical CPUs that this process may run on.
[[nodiscard]] std::set<int> usable_cpus();

// `root` holds sys/; `clock` tells seconds, for the power between two readings of an energy counter. What the machine
// does not give is named in TelemetrySource::facts.missing.
[[nodiscard]] TelemetrySource cpu_source(const std::set<int>& cpus, const std::function<double()>& clock,
                                         const std::filesystem::path& root = "/");

}  // namespace trtprof
