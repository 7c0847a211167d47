#include "trtprof/cost/activation_memory.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

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

// The first slot is for what is there before the first node.
std::size_t slot_of(int node) {
  const int slot = node + 1;
  return static_cast<std::size_t>(slot);
}

// Whether the memory of the tensor is its own.
bool owns_memory(const std::vector<int>& owners, std::size_t tensor) {
  return std::cmp_equal(owners[tensor], tensor);
}

}  // namespace

ActivationMemory activation_memory(const Graph& graph, const GraphIndex& index) {
  ActivationMemory memory;
  memory.owners = owners_of(graph, index);
  const auto node_count = static_cast<int>(graph.nodes.size());
  // What begins at and ends after each node; the last place is for what outlives the graph.
  std::vector<std::uint64_t> born(graph.nodes.size() + 1, 0);
  std::vector<std::uint64_t> dead(graph.nodes.size() + 2, 0);
  std::vector<Span> spans(index.tensors().size());
  for (std::size_t i = 0; i < index.tensors().size(); ++i) {
    const int owner = memory.owners[i];
    if (owner < 0) {
      continue;
    }
    const GraphIndex::Tensor& tensor = index.tensors()[i];
    Span& span = spans[static_cast<std::size_t>(owner)];
    if (owns_memory(memory.owners, i)) {
      span.first = tensor.producer;
    }
    const int last_reader = tensor.readers.empty() ? tensor.producer : tensor.readers.back();
    span.last = std::max(span.last, tensor.graph_output ? node_count : last_reader);
  }
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const GraphIndex::Tensor& tensor = index.tensors()[i];
    const bool exists = tensor.producer >= 0 || tensor.graph_input;
    if (!owns_memory(memory.owners, i) || !exists) {
      continue;
    }
    const auto size = counting::storage_of(tensor.facts);
    if (!size) {
      ++memory.unknown;
      continue;
    }
    total += *size;
    born[slot_of(spans[i].first)] += *size;
    dead[slot_of(spans[i].last)] += *size;
  }
  if (memory.unknown > 0) {
    return memory;
  }
  std::uint64_t alive = 0;
  std::uint64_t peak = 0;
  for (std::size_t i = 0; i < born.size(); ++i) {
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
