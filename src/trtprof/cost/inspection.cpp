#include "trtprof/cost/inspection.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/cost/activation_memory.h"
#include "trtprof/cost/counting.h"
#include "trtprof/cost/graph_index.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/cost/operator_table.h"
#include "trtprof/cost/parameters.h"

namespace trtprof {

namespace {

bool is_constant_node(const GraphNode& node) {
  return node.op_type == "Constant" && node.domain.empty();
}

bool known(const TensorFacts* facts) {
  return facts != nullptr && facts->shape &&
         std::ranges::all_of(*facts->shape, [](std::int64_t dim) { return dim >= 0; });
}

bool all_known(const std::vector<std::optional<TensorFacts>>& operands) {
  return std::ranges::all_of(operands, [](const auto& tensor) { return !tensor || known(&*tensor); });
}

std::string name_of_operator(const GraphNode& node) {
  return node.domain.empty() ? node.op_type : node.domain + "." + node.op_type;
}

std::optional<std::uint64_t> size_of(const GraphIndex::Tensor& tensor) {
  return counting::storage_of(tensor.facts);
}

std::string counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

class Inspector {
 public:
  Inspector(const Graph& graph, const std::vector<ValueInfo>& values)
      : graph_(graph), table_(tensor_table(graph, values)), index_(graph, table_) {
    for (const auto* infos : {&graph.initializers, &graph.inputs, &graph.outputs, &values}) {
      for (const ValueInfo& value : *infos) {
        infos_.insert_or_assign(value.name, &value);
      }
    }
  }

  Inspection run(std::size_t largest) {
    count_operators();
    count_weights();
    list_open_dimensions();
    const ActivationMemory memory = activation_memory(graph_, index_);
    list_largest(memory, largest);
    result_.tensors_of_unknown_size = memory.unknown;
    result_.peak_activation_bytes = memory.peak_bytes;
    result_.activation_bytes = memory.total_bytes;
    if (memory.peak_node >= 0) {
      result_.peak_node = graph_.nodes[static_cast<std::size_t>(memory.peak_node)].display_name();
    }
    result_.fusion_candidates = find_fusion_candidates(graph_, table_);
    note_unknown_costs();
    note_control_flow();
    return std::move(result_);
  }

 private:
  struct UnknownCost {
    std::int64_t count = 0;
    std::string reason;  // the first
  };

  OperatorGroup& group_of(const GraphNode& node) {
    const std::string name = name_of_operator(node);
    const auto [place, added] = groups_.try_emplace(name, result_.operators.size());
    if (added) {
      result_.operators.push_back({name, 0, 0, {}});
    }
    return result_.operators[place->second];
  }

  void count_operators() {
    for (const GraphNode& node : graph_.nodes) {
      if (is_constant_node(node)) {
        ++result_.constant_nodes;
        continue;
      }
      const OperatorFacts facts = onnx_facts(node, table_);
      const Cost cost = cost_of(facts);
      OperatorGroup& group = group_of(node);
      ++group.count;
      add(group.totals, cost);
      add(result_.totals, cost);
      const bool typed = !facts.outputs.empty() && facts.outputs.front();
      ++result_.nodes_by_precision[std::string(to_string(typed ? facts.outputs.front()->type : ElementType::unknown))];
      if (!cost.known()) {
        const bool by_size = !all_known(facts.inputs) || !all_known(facts.outputs);
        const bool in_table = counting::find_row(facts.domain, facts.op_type) != nullptr;
        UnknownCost& unknown = by_size && in_table ? unknown_sizes_ : unknown_kinds_[group.op_type];
        unknown.reason = ++unknown.count == 1 ? cost.unknown_reason : unknown.reason;
      }
    }
  }

  void count_weights() {
    const std::vector<int> readers = parameter_readers(graph_, index_);
    std::uint64_t bytes = 0;
    bool all = true;
    for (std::size_t i = 0; i < index_.tensors().size(); ++i) {
      const GraphIndex::Tensor& tensor = index_.tensors()[i];
      if (!tensor.constant) {
        continue;
      }
      const auto size = size_of(tensor);
      all = all && size.has_value();
      bytes += size.value_or(0);
      if (size) {
        result_.weights_by_precision[std::string(to_string(tensor.facts->type))] += *size;
      }
      if (readers[i] >= 0) {
        const auto elements = static_cast<std::int64_t>(element_count(*tensor.facts->shape).value_or(0));
        result_.parameters += elements;
        group_of(graph_.nodes[static_cast<std::size_t>(readers[i])]).parameters += elements;
      }
    }
    result_.weight_bytes = all ? std::optional(bytes) : std::nullopt;
    std::ranges::stable_sort(result_.operators,
                             [](const OperatorGroup& a, const OperatorGroup& b) { return a.count > b.count; });
  }

  // "batch, dimension 2"; empty: none is open.
  static std::string open_dimensions_of(const ValueInfo& value) {
    if (!value.shape) {
      return "rank";
    }
    std::string text;
    for (std::size_t i = 0; i < value.shape->size(); ++i) {
      const Dimension& dimension = (*value.shape)[i];
      if (!dimension.value) {
        const std::string name = dimension.symbol.empty() ? fmt::format("dimension {}", i) : dimension.symbol;
        text += (text.empty() ? "" : ", ") + name;
      }
    }
    return text;
  }

  void list_open(std::string_view kind, std::string_view name) {
    const auto found = infos_.find(name);
    const std::string open = found == infos_.end() ? "rank" : open_dimensions_of(*found->second);
    if (!open.empty()) {
      result_.open_dimensions.push_back(fmt::format("{} {}: {}", kind, name, open));
    }
  }

  void list_open_dimensions() {
    for (const ValueInfo& input : graph_.inputs) {
      list_open("input", input.name);
    }
    for (const GraphIndex::Node& node : index_.nodes()) {
      const bool caused_here = std::ranges::all_of(
          node.inputs, [&](int tensor) { return tensor < 0 || known(index_.tensor(tensor).facts); });
      for (const int tensor : node.outputs) {
        if (caused_here && tensor >= 0 && !known(index_.tensor(tensor).facts)) {
          list_open("tensor", index_.tensor(tensor).name);
        }
      }
    }
  }

  void list_largest(const ActivationMemory& memory, std::size_t largest) {
    std::vector<std::pair<std::uint64_t, std::size_t>> sizes;
    for (std::size_t i = 0; i < index_.tensors().size(); ++i) {
      const GraphIndex::Tensor& tensor = index_.tensors()[i];
      const bool own_memory = tensor.constant || std::cmp_equal(memory.owners[i], i);
      if (const auto size = own_memory ? size_of(tensor) : std::nullopt) {
        sizes.emplace_back(*size, i);
      }
    }
    const std::size_t count = std::min(largest, sizes.size());
    std::partial_sort(
        sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(count), sizes.end(),
        [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
    for (std::size_t i = 0; i < count; ++i) {
      const GraphIndex::Tensor& tensor = index_.tensors()[sizes[i].second];
      const auto info = infos_.find(tensor.name);
      result_.largest_tensors.push_back({std::string(tensor.name), info == infos_.end() ? ValueInfo{} : *info->second,
                                         sizes[i].first, tensor.constant});
    }
  }

  void note_unknown_costs() {
    if (unknown_sizes_.count > 0) {
      result_.notes.push_back(fmt::format("The cost of {} is not known because sizes are not; the first: {}.",
                                          counted(unknown_sizes_.count, "node"), unknown_sizes_.reason));
    }
    for (const auto& [name, unknown] : unknown_kinds_) {
      result_.notes.push_back(fmt::format("The cost of {} {} is not known: {}.", unknown.count, name, unknown.reason));
    }
  }

  void note_control_flow() {
    std::set<std::string_view> bodies;
    std::int64_t nodes = 0;
    for (const GraphNode& node : graph_.nodes) {
      if (!node.subgraph.empty()) {
        bodies.insert(node.subgraph);
        ++nodes;
      }
    }
    if (nodes > 0) {
      const auto count = static_cast<std::int64_t>(bodies.size());
      result_.notes.push_back(fmt::format(
          "Control flow: {} with {} counted once, however often {} run; weights stored inside a body as initializers "
          "are not counted.",
          count == 1 ? "1 body" : fmt::format("{} bodies", count), counted(nodes, "node"),
          count == 1 ? "it may" : "they may"));
    }
  }

  const Graph& graph_;
  TensorTable table_;
  GraphIndex index_;
  std::unordered_map<std::string_view, const ValueInfo*> infos_;
  std::unordered_map<std::string, std::size_t> groups_;  // places in result_.operators
  UnknownCost unknown_sizes_;
  std::map<std::string, UnknownCost> unknown_kinds_;
  Inspection result_;
};

}  // namespace

Inspection inspect_graph(const Graph& graph, const std::vector<ValueInfo>& values, std::size_t largest) {
  return Inspector(graph, values).run(largest);
}

}  // namespace trtprof
