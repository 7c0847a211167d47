// What a model computes for nothing: nodes that do nothing, and what could be computed once and stored.
//
// Of the main graph: bodies of control flow read its tensors, but their own nodes are left alone. Names and shapes
// decide, values of weights do not; what they would be needed for (Slice with steps, Pad) is not claimed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/graph.h"

namespace trtprof {

enum class Redundancy {
  identity,   // Identity, and Dropout as it is in inference
  no_effect,  // gives what it gets: a Reshape to the same shape, a Transpose that moves nothing, Concat of one, ...
  cancels,    // undoes what the node before it did: Cast, Transpose, Reshape, Squeeze and Unsqueeze
  duplicate,  // the same operator of the same tensors as an earlier node
  dead,       // nobody reads what it makes
};
[[nodiscard]] std::string_view to_string(Redundancy what);  // "identity"

struct RedundantNodes {
  Redundancy what = Redundancy::identity;
  std::vector<std::size_t> nodes;  // of Graph::nodes, in stored order; all of them could go
  std::string reason;              // a clause: "the same as add_1"
};

// Each node at most once. Linear in the size of the graph.
[[nodiscard]] std::vector<RedundantNodes> find_redundant_nodes(const Graph& graph, const TensorTable& tensors);

// Nodes that compute from constants alone, joined by the tensors between them.
struct ConstantSubgraph {
  std::vector<std::size_t> nodes;             // in stored order
  std::vector<std::string> results;           // tensors that others read: they would be stored
  std::optional<std::uint64_t> result_bytes;  // nullopt: a shape or type is not known
};

struct ConstantSubgraphs {
  std::vector<ConstantSubgraph> foldable;  // in the order of their first nodes
  // Results that would add more than kMostStored bytes to the model, or whose size is not known.
  std::vector<ConstantSubgraph> too_large;
};

// A model may grow by so much for one subgraph. Ours: well above what shape arithmetic and scales of weights need, well
// below what loading notices.
inline constexpr std::uint64_t kMostStored = 16U << 20U;

// Constants themselves, random numbers, control flow, and quantisation of weights (which engines want to see) are left
// out; so is what only names a constant anew.
[[nodiscard]] ConstantSubgraphs find_constant_subgraphs(const Graph& graph, const TensorTable& tensors);

}  // namespace trtprof
