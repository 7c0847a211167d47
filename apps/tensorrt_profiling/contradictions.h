// Options that do not go together, before anything is read.
#pragma once

#include "settings.h"
#include "trtprof/base/error.h"

namespace trtprof::cli {

[[nodiscard]] Status check_contradictions(const Settings& settings);

}  // namespace trtprof::cli
