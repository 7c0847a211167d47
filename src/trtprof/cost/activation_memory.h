// How much memory the activations of a graph take while it runs in stored order. Private to cost/.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "trtprof/cost/graph_index.h"
#include "trtprof/model/graph.h"

namespace trtprof {

struct ActivationMemory {
  std::optional<std::uint64_t> peak_bytes;   // nullopt: a size is not known
  std::optional<std::uint64_t> total_bytes;  // of every activation that has memory of its own
  int peak_node = GraphIndex::kNone;         // kNone: before the first node
  std::int64_t unknown = 0;                  // activations of unknown size
  // By tensor: whose memory it has. Itself for an activation of its own; kNone for weights, renamed ones too.
  std::vector<int> owners;
};

[[nodiscard]] ActivationMemory activation_memory(const Graph& graph, const GraphIndex& index);

}  // namespace trtprof
