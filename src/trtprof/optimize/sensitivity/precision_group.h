// Nodes that change their precision together: what an engine would fuse, so that no conversion is put inside of it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "trtprof/model/graph.h"

namespace trtprof {

struct PrecisionGroup {
  std::string name;                // of its first node, which is the convolution or the product where it has one
  std::string op_type;             // of that node
  std::vector<std::string> nodes;  // display names, in the order of the graph
  bool operator==(const PrecisionGroup&) const = default;
};

// Of the `nodes` (display names): what computes elementwise or moves values goes with the last of those that made what
// it reads, a residual Add with the later of its two branches. Nodes of one name are in one group: they can be named
// together alone.
[[nodiscard]] std::vector<PrecisionGroup> groups_by_fusion(const Graph& graph, std::span<const std::string> nodes);

// All nodes of the groups, but those of `without`: their places among the groups.
[[nodiscard]] std::vector<std::string> nodes_of_all_but(std::span<const PrecisionGroup> groups,
                                                        std::span<const std::size_t> without);

}  // namespace trtprof
