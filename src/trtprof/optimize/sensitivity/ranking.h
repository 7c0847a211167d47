// The groups in the order of what they lose when they are converted alone. Private to sensitivity/.
#pragma once

#include <vector>

#include "trtprof/optimize/sensitivity/trials.h"

namespace trtprof::sensitivity {

struct RankedGroup {
  std::size_t group = 0;  // its place in the task
  GroupSensitivity found;
};

struct Ranking {
  std::vector<RankedGroup> groups;  // the worst first
  bool out_of_time = false;
};

// Each alone where `share` of the budget is enough for that by the time of the first trial; else halves of the model,
// then halves of the half that loses most, and so on until the time is over: the worst groups are told apart first.
[[nodiscard]] Result<Ranking> rank_groups(Trials& trials, double share);

}  // namespace trtprof::sensitivity
