// What telemetry says against the times. A pure function, private to measure/.
#pragma once

#include "trtprof/measure/remarks.h"
#include "trtprof/profile/telemetry.h"

namespace trtprof {

// Warnings: the GPU's clock changed by more than 2 % while inferences were measured, the power limit or the temperature
// held it down, and for how much of the time.
[[nodiscard]] Remarks telemetry_remarks(const Telemetry& telemetry);

}  // namespace trtprof
