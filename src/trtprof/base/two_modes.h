// Samples of a machine, or a model, that has two states.
#pragma once

#include <optional>
#include <vector>

namespace trtprof {

// Two groups of times with next to nothing between them: the machine, or the model, has two states.
struct TwoModes {
  double fast = 0.0;        // median of the faster group
  double slow = 0.0;        // median of the slower group
  double slow_share = 0.0;  // of all samples
};
[[nodiscard]] std::optional<TwoModes> find_two_modes(const std::vector<double>& samples);

}  // namespace trtprof
