#include "trtprof/optimize/experiments/fusion_placement.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace trtprof {
namespace {

bool intersect(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  return std::ranges::any_of(a, [&](std::size_t layer) { return std::ranges::find(b, layer) != b.end(); });
}

// The layer's nodes, and those that no layer names since they went into the weights of what is before them.
std::unordered_set<std::string> with_folded(const Layer& layer, const FusionPlacement& placement, const Graph& graph) {
  std::unordered_set<std::string> nodes = nodes_of(layer);
  std::unordered_set<std::string> made;  // tensors
  for (const GraphNode& node : graph.nodes) {
    const bool reads = std::ranges::any_of(node.inputs, [&](const std::string& input) { return made.contains(input); });
    if (reads && !placement.is_named(node.display_name())) nodes.insert(node.display_name());
    if (nodes.contains(node.display_name())) made.insert(node.outputs.begin(), node.outputs.end());
  }
  return nodes;
}

struct LayerTensors {
  std::unordered_set<std::string> made;
  std::unordered_set<std::string> second_operands;  // made elsewhere, and read beside something made here
};

LayerTensors tensors_of(const std::unordered_set<std::string>& nodes, const Graph& graph) {
  LayerTensors tensors;
  for (const GraphNode& node : graph.nodes) {
    if (!nodes.contains(node.display_name()) || !node.subgraph.empty()) continue;
    const auto is_made = [&](const std::string& input) { return tensors.made.contains(input); };
    if (std::ranges::any_of(node.inputs, is_made)) {
      for (const std::string& input : node.inputs) {
        if (!is_made(input)) tensors.second_operands.insert(input);
      }
    }
    tensors.made.insert(node.outputs.begin(), node.outputs.end());
  }
  return tensors;
}

// Made by one of the nodes and read by another one, or by the caller; in stored order.
std::vector<std::string> results_of(const std::unordered_set<std::string>& nodes, const LayerTensors& tensors,
                                    const Graph& graph) {
  std::unordered_set<std::string> wanted;
  for (const ValueInfo& output : graph.outputs) wanted.insert(output.name);
  for (const GraphNode& node : graph.nodes) {
    if (!nodes.contains(node.display_name())) wanted.insert(node.inputs.begin(), node.inputs.end());
  }
  std::vector<std::string> results;
  for (const GraphNode& node : graph.nodes) {
    for (const std::string& output : node.outputs) {
      if (tensors.made.contains(output) && wanted.contains(output)) results.push_back(output);
    }
  }
  return results;
}

const TensorFacts* facts_of(const std::string& tensor, const TensorTable& tensors) {
  const auto found = tensors.find(tensor);
  return found == tensors.end() || !found->second.shape || found->second.shape->empty() ? nullptr : &found->second;
}

}  // namespace

std::unordered_set<std::string> nodes_of(const Layer& layer) {
  std::unordered_set<std::string> nodes;
  for (const OriginNode& origin : layer.origin_nodes) nodes.insert(origin.name);
  return nodes;
}

FusionPlacement::FusionPlacement(const std::vector<Layer>& layers) : layers_(layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (const std::string& node : nodes_of(layers[i])) by_node_[node].push_back(i);
  }
}

std::vector<std::size_t> FusionPlacement::layers_of(const std::string& node) const {
  const auto found = by_node_.find(node);
  return found == by_node_.end() ? std::vector<std::size_t>{} : found->second;
}

std::vector<std::size_t> FusionPlacement::head_layers(const FusionPair& pair) const {
  for (const std::string& node : std::ranges::reverse_view(pair.head)) {
    if (auto layers = layers_of(node); !layers.empty()) return layers;
  }
  return {};
}

std::vector<std::size_t> FusionPlacement::tail_layers(const FusionPair& pair) const {
  return layers_with({pair.tail.begin(), pair.tail.end()});
}

std::vector<std::size_t> FusionPlacement::layers_with(const std::unordered_set<std::string>& nodes) const {
  std::set<std::size_t> layers;
  for (const std::string& node : nodes) {
    const auto found = layers_of(node);
    layers.insert(found.begin(), found.end());
  }
  return {layers.begin(), layers.end()};
}

Placement FusionPlacement::of(const FusionPair& pair) const {
  const auto head = head_layers(pair);
  const bool opaque =
      std::ranges::any_of(head, [&](std::size_t layer) { return layers_[layer].layer_class == LayerClass::opaque; });
  if (head.empty() || opaque) return Placement::not_told;
  const auto tail = tail_layers(pair);
  return tail.empty() || intersect(head, tail) ? Placement::fused : Placement::apart;
}

FusionControls::FusionControls(const FusionPlacement& placement, const Graph& graph, const TensorTable& tensors)
    : placement_(placement), tensors_(tensors) {
  std::unordered_set<std::string> second_operands;
  for (const Layer& layer : placement.layers()) {
    if (layer.origin_nodes.empty()) {
      results_.emplace_back();
      continue;
    }
    const auto nodes = with_folded(layer, placement, graph);
    LayerTensors here = tensors_of(nodes, graph);
    results_.push_back(results_of(nodes, here, graph));
    second_operands.merge(here.second_operands);
  }
  for (auto& results : results_) {
    std::erase_if(results, [&](const std::string& result) { return second_operands.contains(result); });
  }
}

bool FusionControls::is_of_type(const std::string& tensor, ElementType type) const {
  const TensorFacts* facts = facts_of(tensor, tensors_);
  return facts != nullptr && facts->type == type;
}

std::string FusionControls::own(const FusionPair& pair) const {
  const TensorFacts* wanted = facts_of(pair.tensor, tensors_);
  const auto layers = placement_.head_layers(pair);
  std::string chosen;
  if (wanted == nullptr || layers.size() != 1) return chosen;
  for (const std::string& result : results_[layers.front()]) {
    if (!is_of_type(result, wanted->type)) continue;
    if (chosen.empty() || facts_of(result, tensors_)->shape == wanted->shape) chosen = result;
  }
  return chosen;
}

std::vector<std::string> FusionControls::choose(const std::vector<const FusionPair*>& pairs) const {
  std::vector<std::string> chosen;
  std::vector<std::string> others;
  for (const FusionPair* pair : pairs) {
    chosen.push_back(own(*pair));
    if (!chosen.back().empty()) others.push_back(chosen.back());
  }
  for (const auto& results : results_) others.insert(others.end(), results.begin(), results.end());
  std::size_t next = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const TensorFacts* wanted = facts_of(pairs[i]->tensor, tensors_);
    for (std::size_t tried = 0; wanted != nullptr && chosen[i].empty() && tried < others.size(); ++tried) {
      const std::string& other = others[next++ % others.size()];
      if (is_of_type(other, wanted->type)) chosen[i] = other;
    }
  }
  return chosen;
}

}  // namespace trtprof
