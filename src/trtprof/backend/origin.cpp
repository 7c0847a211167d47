#include "trtprof/backend/origin.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace trtprof {
namespace {

using NodeSet = std::unordered_set<std::size_t>;
using Names = std::unordered_map<std::string, std::vector<std::size_t>>;

// How many layers further on an unresolved layer's main operation is looked for. OpenVINO moves a scaling past one
// reshape; two leaves room without reaching into the next block.
constexpr int kMaxWidening = 2;

constexpr std::array<std::string_view, 6> kNeverInferred = {"Constant", "ConstantOfShape", "Shape",
                                                            "Size",     "Identity",        "Dropout"};

bool never_inferred(const GraphNode& node) {
  return std::ranges::find(kNeverInferred, node.op_type) != kNeverInferred.end();
}

// Shape and Size end the flow of data: what follows them is arithmetic on dimensions, which engines fold.
bool ends_data_flow(const GraphNode& node) {
  return node.op_type == "Shape" || node.op_type == "Size";
}

class Resolver {
 public:
  Resolver(const Graph& graph, const std::vector<EngineLayer>& layers)
      : graph_(graph),
        layers_(layers),
        owned_(layers.size()),
        reported_(layers.size(), false),
        unmatched_names_(layers.size(), false),
        consumers_(layers.size()),
        claimed_(graph.nodes.size(), false) {
    index_graph();
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      for (const std::size_t producer : layers_[i].producers) {
        if (producer < layers_.size()) consumers_[producer].push_back(i);
      }
    }
  }

  std::vector<Origin> run() {
    claim_by_name();
    for (std::size_t i = 0; i < layers_.size(); ++i) find_main_operation(i);
    for (std::size_t i = 0; i < layers_.size(); ++i) take_tail(i);
    for (std::size_t i = 0; i < layers_.size(); ++i) take_head(i);
    for (std::size_t i = 0; i < layers_.size(); ++i) take_what_lies_between(i);
    return origins();
  }

 private:
  void index_graph() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const GraphNode& node = graph_.nodes[i];
      if (!node.name.empty()) by_name_[node.name].push_back(i);
      for (const std::string& output : node.outputs) {
        if (!output.empty()) by_output_[output].push_back(i);
      }
      for (const std::string& input : node.inputs) {
        if (!input.empty()) readers_[input].push_back(i);
      }
    }
    for (const ValueInfo& input : graph_.inputs) inputs_.insert(input.name);
  }

  const std::vector<std::size_t>* nodes_called(const std::string& name) const {
    if (const auto it = by_name_.find(name); it != by_name_.end()) return &it->second;
    if (const auto it = by_output_.find(name); it != by_output_.end()) return &it->second;
    return nullptr;
  }

  // The nodes meant by a claimed name; OpenVINO's parts of one node are called "conv1/WithoutBiases".
  const std::vector<std::size_t>* nodes_claimed(const std::string& name) const {
    if (const auto* nodes = nodes_called(name)) return nodes;
    const std::size_t slash = name.rfind('/');
    if (slash == std::string::npos || slash == 0) return nullptr;
    return nodes_called(name.substr(0, slash));
  }

  void claim_by_name() {
    std::map<std::vector<std::size_t>, std::vector<std::size_t>> claimants;  // nodes of one name: layers
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      std::vector<std::string> names = layers_[i].claimed_names;
      std::ranges::sort(names);
      const auto repeated = std::ranges::unique(names);
      names.erase(repeated.begin(), repeated.end());
      for (const std::string& name : names) {
        const auto* nodes = nodes_claimed(name);
        if (nodes == nullptr) {
          // The layer's own name tells of its main operation, not of something fused behind it.
          unmatched_names_[i] = unmatched_names_[i] || (name != layers_[i].name && !inputs_.contains(name));
          continue;
        }
        auto& list = claimants[*nodes];
        if (list.empty() || list.back() != i) list.push_back(i);
      }
    }
    for (const auto& [nodes, claiming] : claimants) {
      const bool one_each = nodes.size() > 1 && nodes.size() == claiming.size();
      for (std::size_t k = 0; k < claiming.size(); ++k) {
        reported_[claiming[k]] = true;
        if (one_each) {
          give(nodes[k], claiming[k]);
        } else {
          for (const std::size_t node : nodes) give(node, claiming[k]);
        }
      }
    }
  }

  void give(std::size_t node, std::size_t layer) {
    owned_[layer].insert(node);
    claimed_[node] = true;
  }

  void give(const NodeSet& nodes, std::size_t layer) {
    for (const std::size_t node : nodes) give(node, layer);
  }

  // Tensors that enter the layer from layers whose origin is known, walking up through those without one.
  std::unordered_set<std::string> tensors_before(std::size_t layer) const {
    std::unordered_set<std::string> tensors;
    std::unordered_set<std::size_t> seen{layer};
    std::vector<std::size_t> pending = layers_[layer].producers;
    while (!pending.empty()) {
      const std::size_t current = pending.back();
      pending.pop_back();
      if (current >= layers_.size() || !seen.insert(current).second) continue;
      if (!owned_[current].empty()) {
        add_outputs(owned_[current], tensors);
      } else if (inputs_.contains(layers_[current].name)) {
        tensors.insert(layers_[current].name);
      } else {
        pending.insert(pending.end(), layers_[current].producers.begin(), layers_[current].producers.end());
      }
    }
    return tensors;
  }

  void add_outputs(const NodeSet& nodes, std::unordered_set<std::string>& tensors) const {
    for (const std::size_t node : nodes) {
      for (const std::string& output : graph_.nodes[node].outputs) {
        if (!output.empty()) tensors.insert(output);
      }
    }
  }

  // Layers with known origin that the layer feeds, walking down through those without one; `skip` of the known ones
  // are walked through as well.
  NodeSet nodes_after(std::size_t layer, int skip) const {
    NodeSet nodes;
    std::unordered_map<std::size_t, int> seen{{layer, skip}};
    std::vector<std::pair<std::size_t, int>> pending;
    const auto push_consumers = [&](std::size_t of, int left) {
      for (const std::size_t consumer : consumers_[of]) pending.emplace_back(consumer, left);
    };
    push_consumers(layer, skip);
    while (!pending.empty()) {
      const auto [current, left] = pending.back();
      pending.pop_back();
      const auto [it, fresh] = seen.emplace(current, left);
      if (!fresh && it->second >= left) continue;
      it->second = left;
      if (owned_[current].empty()) {
        push_consumers(current, left);
      } else if (left > 0) {
        push_consumers(current, left - 1);
      } else {
        nodes.insert(owned_[current].begin(), owned_[current].end());
      }
    }
    return nodes;
  }

  // Nodes on a path of data from `tensors` to `targets`, both ends left out. Paths go through unclaimed nodes; through
  // all of them with `through_claimed`. Returns unclaimed nodes only.
  NodeSet between(const std::unordered_set<std::string>& tensors, const NodeSet& targets, bool through_claimed) const {
    const auto passable = [&](std::size_t node) {
      return !targets.contains(node) && (through_claimed || !claimed_[node]) && !ends_data_flow(graph_.nodes[node]);
    };
    NodeSet forward;
    std::vector<std::string> open(tensors.begin(), tensors.end());
    while (!open.empty()) {
      const std::string tensor = std::move(open.back());
      open.pop_back();
      const auto it = readers_.find(tensor);
      if (it == readers_.end()) continue;
      for (const std::size_t node : it->second) {
        if (!passable(node) || !forward.insert(node).second) continue;
        open.insert(open.end(), graph_.nodes[node].outputs.begin(), graph_.nodes[node].outputs.end());
      }
    }
    NodeSet both;
    std::vector<std::size_t> pending(targets.begin(), targets.end());
    while (!pending.empty()) {
      const std::size_t current = pending.back();
      pending.pop_back();
      for (const std::string& input : graph_.nodes[current].inputs) {
        const auto it = by_output_.find(input);
        if (it == by_output_.end()) continue;
        for (const std::size_t node : it->second) {
          if (forward.contains(node) && both.insert(node).second) pending.push_back(node);
        }
      }
    }
    for (auto it = both.begin(); it != both.end();) {
      it = claimed_[*it] || never_inferred(graph_.nodes[*it]) ? both.erase(it) : std::next(it);
    }
    return both;
  }

  // Of `region` those whose operator is one of the layer's main ones, without those that come after another of them.
  NodeSet main_nodes(std::size_t layer, const NodeSet& region) const {
    const auto& ops = layers_[layer].main_ops;
    std::vector<std::size_t> matching;
    for (const std::size_t node : region) {
      if (std::ranges::find(ops, graph_.nodes[node].op_type) != ops.end()) matching.push_back(node);
    }
    std::ranges::sort(matching);
    NodeSet first;
    for (const std::size_t node : matching) {
      std::unordered_set<std::string> outputs;
      add_outputs(first, outputs);
      if (!reachable(outputs, node)) first.insert(node);
    }
    return first;
  }

  bool reachable(const std::unordered_set<std::string>& tensors, std::size_t target) const {
    if (tensors.empty()) return false;
    NodeSet seen;
    std::vector<std::size_t> pending{target};  // upwards from the target: nothing before the first tensor's node counts
    while (!pending.empty()) {
      const std::size_t current = pending.back();
      pending.pop_back();
      for (const std::string& input : graph_.nodes[current].inputs) {
        if (tensors.contains(input)) return true;
        const auto it = by_output_.find(input);
        if (it == by_output_.end()) continue;
        for (const std::size_t node : it->second) {
          if (seen.insert(node).second) pending.push_back(node);
        }
      }
    }
    return false;
  }

  bool has_main_node(std::size_t layer) const {
    const auto& ops = layers_[layer].main_ops;
    return std::any_of(owned_[layer].begin(), owned_[layer].end(), [&](std::size_t node) {
      return std::ranges::find(ops, graph_.nodes[node].op_type) != ops.end();
    });
  }

  void find_main_operation(std::size_t layer) {
    if (layers_[layer].inserted || layers_[layer].main_ops.empty() || has_main_node(layer)) return;
    const auto before = tensors_before(layer);
    const bool known = !owned_[layer].empty();
    for (int widening = 0; widening <= (known ? 0 : kMaxWidening); ++widening) {
      const NodeSet after = known ? owned_[layer] : nodes_after(layer, widening);
      const NodeSet anchors = main_nodes(layer, between(before, after, widening > 0));
      if (anchors.empty()) continue;
      give(anchors, layer);
      if (known) {
        std::unordered_set<std::string> outputs;
        add_outputs(anchors, outputs);
        give(between(outputs, after, false), layer);
      }
      return;
    }
  }

  // What was fused behind the nodes the layer has, when a name of the engine's making says that something was.
  void take_tail(std::size_t layer) {
    if (layers_[layer].inserted || owned_[layer].empty()) return;
    std::unordered_set<std::string> outputs;
    add_outputs(owned_[layer], outputs);
    give(between(outputs, owned_[layer], false), layer);
    if (unmatched_names_[layer]) give(between(outputs, nodes_after(layer, 0), false), layer);
  }

  void take_head(std::size_t layer) {
    if (layers_[layer].inserted || owned_[layer].empty()) return;
    give(between(tensors_before(layer), owned_[layer], false), layer);
  }

  void take_what_lies_between(std::size_t layer) {
    if (layers_[layer].inserted || !owned_[layer].empty() || !layers_[layer].main_ops.empty()) return;
    give(between(tensors_before(layer), nodes_after(layer, 0), false), layer);
  }

  std::vector<Origin> origins() const {
    std::vector<Origin> result(layers_.size());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      std::vector<std::size_t> nodes(owned_[i].begin(), owned_[i].end());
      std::ranges::sort(nodes);
      for (const std::size_t node : nodes) {
        result[i].nodes.push_back({graph_.nodes[node].display_name(), graph_.nodes[node].op_type});
      }
      if (!nodes.empty()) result[i].source = reported_[i] ? OriginSource::reported : OriginSource::inferred;
    }
    return result;
  }

  const Graph& graph_;
  const std::vector<EngineLayer>& layers_;
  Names by_name_;
  Names by_output_;
  Names readers_;
  std::unordered_set<std::string> inputs_;
  std::vector<NodeSet> owned_;                       // by layer
  std::vector<bool> reported_;                       // by layer
  std::vector<bool> unmatched_names_;                // by layer: claims another name that is not of the graph
  std::vector<std::vector<std::size_t>> consumers_;  // by layer
  std::vector<bool> claimed_;                        // by node
};

std::unordered_set<std::string> names_of(const Graph& graph) {
  std::unordered_set<std::string> names;
  for (const GraphNode& node : graph.nodes) {
    names.insert(node.name);
    names.insert(node.outputs.begin(), node.outputs.end());
  }
  return names;
}

}  // namespace

std::vector<Origin> resolve_origins(const Graph& graph, const std::vector<EngineLayer>& layers) {
  return Resolver(graph, layers).run();
}

std::vector<std::string> split_claimed_names(const Graph& graph, std::string_view joined) {
  std::vector<std::string> pieces;
  for (std::size_t start = 0; start <= joined.size();) {
    const std::size_t comma = std::min(joined.find(',', start), joined.size());
    pieces.emplace_back(joined.substr(start, comma - start));
    start = comma + 1;
  }
  // Rebuilt for every layer this would be slow; most names hold no comma, and then no lookup is needed.
  const bool some_name_has_comma = std::ranges::any_of(
      graph.nodes, [](const GraphNode& node) { return node.display_name().find(',') != std::string::npos; });
  const auto known = some_name_has_comma ? names_of(graph) : std::unordered_set<std::string>{};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < pieces.size();) {
    std::size_t used = 1;
    std::string name = pieces[i];
    std::string longer = pieces[i];
    for (std::size_t j = i + 1; some_name_has_comma && j < pieces.size(); ++j) {
      longer += ',' + pieces[j];
      if (known.contains(longer)) {
        name = longer;
        used = j - i + 1;
      }
    }
    if (!name.empty()) names.push_back(std::move(name));
    i += used;
  }
  return names;
}

}  // namespace trtprof
