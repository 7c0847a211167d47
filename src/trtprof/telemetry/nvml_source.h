// What NVML tells of one GPU.
#pragma once

#include <string>

#include "trtprof/telemetry/nvml_library.h"
#include "trtprof/telemetry/source.h"

namespace trtprof {

// A GPU that cannot be watched gives an empty source, with the reason in TelemetrySource::facts.missing; a quantity
// that it, its driver or the user's permissions do not give is named there too. `library_path`: see
// nvml::library_path().
[[nodiscard]] TelemetrySource nvml_source(const std::string& pci_bus_id,
                                          const std::string& library_path = nvml::library_path());

}  // namespace trtprof
