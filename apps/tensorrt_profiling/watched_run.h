// A run that a profiler watches from outside: `ncu ... ./tensorrt_profiling x.engine`, `nsys profile ...`.
#pragma once

#include <string>

#include "settings.h"
#include "trtprof/measure/measure.h"

namespace trtprof::cli {

// Few inferences, unless the user said how many, without CUDA graph and queueing, and no layer timing of our own: the
// outer tool slows every launch down and records each. The profile says so. `tool`: from outside_profiler().
void fit_to_watcher(const std::string& tool, const Settings& settings, ProfileRequest& request);

}  // namespace trtprof::cli
