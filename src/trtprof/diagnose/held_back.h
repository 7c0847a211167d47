// What the telemetry says of a device that could not do what it can. Private to diagnose/.
#pragma once

#include <vector>

#include "trtprof/diagnose/verdict.h"

namespace trtprof {

[[nodiscard]] std::vector<HeldBack> held_back(const Profile& profile);

}  // namespace trtprof
