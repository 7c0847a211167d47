// `inspect MODEL.engine`.
#pragma once

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/report/inspection.h"

namespace trtprof::cli {

// Header and record always; where the library that built it is here and loads it, its inputs and outputs, its layers
// with the nodes inside, and what was fused. What could not be seen is said, and is no failure; a file that is no whole
// engine is.
[[nodiscard]] Result<EngineInspection> inspect_engine(const Settings& settings);

}  // namespace trtprof::cli
