// What two engines do differently with the same part of a model. Private to compare/.
#pragma once

#include <vector>

#include "trtprof/compare/layer_comparison.h"

namespace trtprof {

// The layers of one group on each side; empty on the side that does not run it. In the order of LayerChangeKind.
[[nodiscard]] std::vector<LayerChange> changes_of(const std::vector<const Layer*>& a,
                                                  const std::vector<const Layer*>& b);

}  // namespace trtprof
