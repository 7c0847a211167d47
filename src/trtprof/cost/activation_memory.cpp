#include "trtprof/cost/activation_memory.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "trtprof/cost/counting.h"

namespace trtprof {

namespace {

// The result is the first operand under another name.
bool renames(const GraphNode& node) {
  static const std::unordered_set<std::string_view> operators = {"BitCast", "Dropout", "Flatten",  "Identity",
                                                                 "Reshape", "Squeeze", "Unsqueeze"};
  return node.domain.empty() && operators.contains(node.op_type);
}

std::vector<int> owners_of(const Graph& graph, const GraphIndex& index) {
  std::vector<int> owners(index.tensors().size());
  for (std::size_t i = 0; i < owners.size(); ++i) {
    owners[i] = index.tensors()[i].constant ? GraphIndex::kNone : static_cast<int>(i);
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const int from = index.input(static_cast<int>(i), 0);
    const int to = index.output(static_cast<int>(i), 0);
    if (from >= 0 && to >= 0 && renames(graph.nodes[i])) {
      owners[static_cast<std::size_t>(to)] = owners[static_cast<std::size_t>(from)];
    }
  }
  return owners;
}

struct Span {
  int first = GraphIndex::kNone;  // kNone: from before the first node
  int last = GraphIndex::kNone;   // kNone: no longer than its first
};

}  // namespace

ActivationMemory activation_memory(const Graph& graph, const GraphIndex& index) {
  ActivationMemory memory;
  memory.owners = owners_of(graph, index);
  const auto node_count = graph.nodes.size();
  // What begins at and ends after each node; the last place is for what outlives the graph.
  std::vector<std::uint64_t> born(node_count + 1, 0);
  std::vector<std::uint64_t> dead(node_count + 2, 0);
  std::vector<Span> spans(index.tensors().size());
  for (std::size_t i = 0; i < index.tensors().size(); ++i) {
    const int owner = memory.owners[i];
    if (owner < 0) {
      continue;
    }
    const GraphIndex::Tensor& tensor = index.tensors()[i];
    Span& span = spans[static_cast<std::size_t>(owner)];
    if (owner == static_cast<int>(i)) {
      span.first = tensor.producer;
    }
    const int last_reader = tensor.readers.empty() ? tensor.producer : tensor.readers.back();
    span.last = std::max(span.last, tensor.graph_output ? static_cast<int>(node_count) : last_reader);
  }
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const GraphIndex::Tensor& tensor = index.tensors()[i];
    const bool exists = tensor.producer >= 0 || tensor.graph_input;
    if (memory.owners[i] != static_cast<int>(i) || !exists) {
      continue;
    }
    const auto bytes = tensor.facts == nullptr ? std::nullopt : counting::bytes_of(*tensor.facts);
    if (!bytes) {
      ++memory.unknown;
      continue;
    }
    const auto size = static_cast<std::uint64_t>(*bytes);
    total += size;
    born[static_cast<std::size_t>(spans[i].first + 1)] += size;
    dead[static_cast<std::size_t>(spans[i].last + 1)] += size;
  }
  if (memory.unknown > 0) {
    return memory;
  }
  std::uint64_t alive = 0;
  std::uint64_t peak = 0;
  for (std::size_t i = 0; i <= node_count; ++i) {
    alive += born[i];
    if (alive > peak) {
      peak = alive;
      memory.peak_node = static_cast<int>(i) - 1;
    }
    alive -= dead[i];
  }
  memory.peak_bytes = peak;
  memory.total_bytes = total;
  return memory;
}

}  // namespace trtprof
