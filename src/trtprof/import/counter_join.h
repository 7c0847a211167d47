// Ties counted kernels to the layers of a profile of the same engine.
#pragma once

#include "trtprof/profile/profile.h"

namespace trtprof {

// By the NVTX ranges that the report has, where its layers are the profile's; else by launch order, where the profile
// has a timeline with the same kernels in the same grids and order (once, several times, or the beginning of once);
// else not at all. Sets `join`, `join_reason`, and each kernel's `layer` and `inference`; whatever is refused leaves
// every kernel without a layer, and `join_reason` says why with figures. False: the report is that of another engine.
bool join_counters(Counters& counters, const Profile& profile);

}  // namespace trtprof
