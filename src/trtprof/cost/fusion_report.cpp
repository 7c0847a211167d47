#include "trtprof/cost/fusion_report.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/cost/fusion_chains.h"
#include "trtprof/cost/layer_graph.h"

namespace trtprof {
namespace {

using Indices = std::vector<std::size_t>;

bool intersect(const Indices& a, const Indices& b) {
  return std::ranges::any_of(a, [&](std::size_t index) { return std::ranges::find(b, index) != b.end(); });
}

// TF32 is how f32 is multiplied, no type of a tensor.
std::string type_of(const Layer& layer) {
  return layer.precision == "tf32" ? "f32" : layer.precision;
}

// A node of several names: origins know name and type alone.
LayersOfNodes layers_of_nodes(const Graph& graph, const std::vector<Layer>& layers) {
  std::unordered_map<std::string_view, Indices> by_name;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    by_name[graph.nodes[i].display_name()].push_back(i);
  }
  LayersOfNodes result(graph.nodes.size());
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    for (const OriginNode& origin : layers[layer].origin_nodes) {
      for (const std::size_t node : by_name[origin.name]) {
        const bool same = origin.op_type.empty() || origin.op_type == graph.nodes[node].op_type;
        if (same && (result[node].empty() || result[node].back() != layer)) {
          result[node].push_back(layer);
        }
      }
    }
  }
  return result;
}

// One chain held against the layers.
class ChainJudge {
 public:
  ChainJudge(const Graph& graph, const std::vector<Layer>& layers, const LayersOfNodes& layers_of,
             const LayerGraph& layer_graph, const Chain& chain)
      : graph_(graph), layers_(layers), layer_graph_(layer_graph), nodes_(chain.nodes) {
    result_.kind = chain.kind;
    std::unordered_map<std::string_view, std::size_t> producer;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const GraphNode& node = graph_.nodes[nodes_[i]];
      result_.nodes.push_back({node.display_name(), node.op_type, layers_of[nodes_[i]], false});
      before_.emplace_back();
      for (const std::string& input : node.inputs) {
        if (const auto found = producer.find(input); found != producer.end()) {
          before_.back().push_back(found->second);
        }
      }
      for (const std::string& output : node.outputs) {
        producer[output] = i;
      }
    }
  }

  ChainFusion run() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      fold(i);
    }
    collect_layers();
    if (result_.why_not_told.empty()) {
      judge();
    }
    return std::move(result_);
  }

 private:
  void not_told(std::string why) {
    if (result_.why_not_told.empty()) {
      result_.status = FusionStatus::not_told;
      result_.why_not_told = std::move(why);
    }
  }

  // A node that no layer names runs in the layer of what is before it, or was folded into that one's weights, unless
  // a layer of unknown content behind it could be the one.
  void fold(std::size_t i) {
    ChainNode& node = result_.nodes[i];
    if (!node.layers.empty()) {
      return;
    }
    const Indices placed = placed_before(i);
    if (placed.empty()) {
      not_told(fmt::format("no layer says that it runs {}", node.name));
      return;
    }
    for (const std::size_t neighbour : placed) {
      for (const std::size_t layer : result_.nodes[neighbour].layers) {
        const std::size_t untold = layer_graph_.untold_after(layer);
        if (untold < layers_.size()) {
          not_told(fmt::format("no layer says that it runs {}; {} may, which does not tell what it runs", node.name,
                               layers_[untold].name));
          return;
        }
      }
    }
    node.folded = true;
  }

  // The nearest nodes before that a layer names, through those that none names.
  [[nodiscard]] Indices placed_before(std::size_t i) const {
    Indices placed;
    Indices pending = before_[i];
    while (!pending.empty()) {
      const std::size_t current = pending.back();
      pending.pop_back();
      if (result_.nodes[current].layers.empty()) {
        pending.insert(pending.end(), before_[current].begin(), before_[current].end());
      } else if (std::ranges::find(placed, current) == placed.end()) {
        placed.push_back(current);
      }
    }
    return placed;
  }

  void collect_layers() {
    std::set<std::size_t> layers;
    for (const ChainNode& node : result_.nodes) {
      layers.insert(node.layers.begin(), node.layers.end());
    }
    result_.layers.assign(layers.begin(), layers.end());
  }

  void judge() {
    if (result_.layers.size() == 1) {
      const Layer& layer = layers_[result_.layers.front()];
      result_.status = FusionStatus::fused;
      if (layer.layer_class == LayerClass::opaque) {
        not_told(fmt::format("it is inside {}, which does not tell what it runs", layer.name));
      }
      return;
    }
    const bool all_alike = std::ranges::all_of(
        result_.nodes, [&](const ChainNode& node) { return node.folded || node.layers == result_.layers; });
    if (all_alike) {
      not_told(fmt::format("{} layers name all of its nodes", result_.layers.size()));
      return;
    }
    result_.status = most_nodes_of_a_layer() > 1 ? FusionStatus::partly_fused : FusionStatus::not_fused;
    find_breaks();
  }

  [[nodiscard]] std::ptrdiff_t most_nodes_of_a_layer() const {
    std::ptrdiff_t most = 0;
    for (const std::size_t layer : result_.layers) {
      std::ptrdiff_t count = 0;
      for (std::size_t i = 0; i < result_.nodes.size(); ++i) {
        count += runs(layer, i) ? 1 : 0;
      }
      most = std::max(most, count);
    }
    return most;
  }

  // A folded node runs where the one before it does.
  [[nodiscard]] bool runs(std::size_t layer, std::size_t i) const {
    const auto names_it = [&](std::size_t node) {
      const Indices& layers = result_.nodes[node].layers;
      return std::ranges::find(layers, layer) != layers.end();
    };
    return result_.nodes[i].folded ? std::ranges::any_of(placed_before(i), names_it) : names_it(i);
  }

  void find_breaks() {
    std::set<std::pair<std::size_t, std::size_t>> seen;
    for (std::size_t i = 0; i < result_.nodes.size(); ++i) {
      const Indices& here = result_.nodes[i].layers;
      if (here.empty()) {
        continue;
      }
      for (const std::size_t earlier : placed_before(i)) {
        const Indices& there = result_.nodes[earlier].layers;
        if (!intersect(here, there) && seen.emplace(there.back(), here.front()).second) {
          result_.breaks.push_back(break_between(earlier, i));
        }
      }
    }
  }

  [[nodiscard]] FusionBreak break_between(std::size_t earlier, std::size_t later) const {
    FusionBreak found;
    found.after = result_.nodes[earlier].name;
    found.before = result_.nodes[later].name;
    found.layer_after = result_.nodes[earlier].layers.back();
    found.layer_before = result_.nodes[later].layers.front();
    found.between = layer_graph_.between(found.layer_after, found.layer_before);
    const Layer& first = layers_[found.layer_after];
    const Layer& second = layers_[found.layer_before];
    if (!first.precision.empty() && !second.precision.empty() && type_of(first) != type_of(second)) {
      found.precision_after = first.precision;
      found.precision_before = second.precision;
    }
    const auto conversion = [&](std::size_t layer) { return is_conversion(layers_[layer]); };
    if (found.between.empty()) {
      found.cause = found.precision_after.empty() ? BreakCause::none_seen : BreakCause::precision;
    } else {
      found.cause = std::ranges::all_of(found.between, conversion) ? BreakCause::reformat : BreakCause::layers;
    }
    return found;
  }

  const Graph& graph_;
  const std::vector<Layer>& layers_;
  const LayerGraph& layer_graph_;
  const Indices& nodes_;         // of the graph
  std::vector<Indices> before_;  // by node of the chain: nodes of the chain whose results it reads
  ChainFusion result_;
};

}  // namespace

std::string_view to_string(FusionStatus status) {
  constexpr std::array<std::string_view, 4> names = {"fused", "partly_fused", "not_fused", "not_told"};
  return names.at(static_cast<std::size_t>(status));
}

std::string_view to_string(BreakCause cause) {
  constexpr std::array<std::string_view, 4> names = {"reformat", "layers", "precision", "none_seen"};
  return names.at(static_cast<std::size_t>(cause));
}

std::size_t FusionReport::chains_with(FusionStatus status) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(chains, [&](const ChainFusion& chain) { return chain.status == status; }));
}

FusionReport fusion_report(const Graph& graph, const TensorTable& tensors, const std::vector<Layer>& executed) {
  FusionReport report;
  report.model_known = !graph.nodes.empty();
  for (const Layer& layer : executed) {
    report.layers.push_back({layer.name, layer.engine_type, layer.layer_class, layer.precision, layer.implementation,
                             layer.origin_nodes, layer.origin_source});
  }
  const LayersOfNodes layers_of = layers_of_nodes(graph, executed);
  const LayerGraph layer_graph(executed);
  for (const Chain& chain : fusion_chains(graph, tensors, layers_of)) {
    report.chains.push_back(ChainJudge(graph, executed, layers_of, layer_graph, chain).run());
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    if (layers_of[i].empty() && node.op_type != "Constant") {
      report.nowhere.push_back({node.display_name(), node.op_type});
    }
  }
  return report;
}

}  // namespace trtprof
