// Carries out a plan: weights, Casts, attributes and declared types.
#pragma once

#include "trtprof/optimize/precision/plan.h"

namespace trtprof::precision {

// `graph` is of `model`. Fills the report's weights and counts of Casts.
[[nodiscard]] Status rewrite(OnnxModel& model, const TypedGraph& graph, const Plan& plan, PrecisionReport& report);

}  // namespace trtprof::precision
