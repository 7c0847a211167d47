// What `fusion` found, every state and every field once.
#pragma once

#include "trtprof/optimize/fusion_worth_report.h"

namespace trtprof::test {

[[nodiscard]] FusionWorthReport full_fusion_worth();
// Nothing but a model without pairs.
[[nodiscard]] FusionWorthReport bare_fusion_worth();

}  // namespace trtprof::test
