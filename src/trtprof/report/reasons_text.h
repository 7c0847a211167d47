// Nodes that were left as they are, by reason. Private to report/.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/report/optimization.h"

namespace trtprof {

// A heading and the reasons, the most frequent first; with options.explain all of them, and each node. Nothing where
// there are none.
void write_reasons(std::ostream& out, const std::vector<BlockedNode>& nodes, const std::string& heading,
                   const OptimizationTextOptions& options);

}  // namespace trtprof
