#include "trtprof/cost/fusion_chains.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trtprof {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool is_convolution(const GraphNode& node) {
  return node.domain.empty() && (node.op_type == "Conv" || node.op_type == "ConvTranspose");
}

class ChainBuilder {
 public:
  ChainBuilder(const Graph& graph, const LayersOfNodes& layers)
      : graph_(graph), layers_(layers), chain_of_(graph.nodes.size(), kNone) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      by_name_[graph.nodes[i].display_name()].push_back(i);
      for (const std::string& output : graph.nodes[i].outputs) {
        producer_.emplace(output, i);
      }
    }
  }

  std::vector<Chain> run(const std::vector<FusionCandidate>& candidates) {
    for (const FusionCandidate& candidate : candidates) {
      if (!is_block(candidate.kind)) {
        add(candidate);
      }
    }
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      if (chains_[i].kind == FusionKind::conv_add) {
        give_addition_away(i);
      }
    }
    std::erase_if(chains_, [](const Chain& chain) { return chain.nodes.size() < 2; });
    std::ranges::sort(chains_, {}, [](const Chain& chain) { return chain.nodes.front(); });
    return std::move(chains_);
  }

 private:
  // Candidates name their nodes. Of nodes that share a name, each belongs to one chain.
  void add(const FusionCandidate& candidate) {
    Chain chain{candidate.kind, {}};
    for (const std::string& name : candidate.nodes) {
      for (const std::size_t node : by_name_[name]) {
        if (chain_of_[node] == kNone) {
          chain_of_[node] = chains_.size();
          chain.nodes.push_back(node);
          break;
        }
      }
    }
    chains_.push_back(std::move(chain));
  }

  [[nodiscard]] std::size_t producer_of(const std::string& tensor) const {
    const auto found = producer_.find(tensor);
    return found == producer_.end() ? kNone : found->second;
  }

  [[nodiscard]] bool share_a_layer(std::size_t a, std::size_t b) const {
    return std::ranges::any_of(
        layers_[a], [&](std::size_t layer) { return std::ranges::find(layers_[b], layer) != layers_[b].end(); });
  }

  // The node that makes the operand which is not of the chain.
  [[nodiscard]] std::size_t other_side(std::size_t addition, std::size_t chain) const {
    for (const std::string& input : graph_.nodes[addition].inputs) {
      const std::size_t node = producer_of(input);
      if (node != kNone && chain_of_[node] != chain) {
        return node;
      }
    }
    return kNone;
  }

  // The chain that ends in `node`; a convolution that has none gets one of its own.
  [[nodiscard]] std::size_t chain_ending_in(std::size_t node) {
    if (chain_of_[node] == kNone && is_convolution(graph_.nodes[node])) {
      chain_of_[node] = chains_.size();
      chains_.push_back({FusionKind::conv_add, {node}});
    }
    return chain_of_[node];
  }

  void give_addition_away(std::size_t from) {
    const std::vector<std::size_t> nodes = chains_[from].nodes;
    const auto addition = std::ranges::find_if(nodes, [&](std::size_t node) {
      return graph_.nodes[node].op_type == "Add" && other_side(node, from) != kNone;
    });
    if (addition == nodes.end() || share_a_layer(*addition, nodes.front())) {
      return;
    }
    const std::size_t other = other_side(*addition, from);
    if (!share_a_layer(*addition, other)) {
      return;
    }
    const std::size_t to = chain_ending_in(other);
    if (to == kNone) {
      return;
    }
    for (auto node = addition; node != nodes.end(); ++node) {
      chain_of_[*node] = to;
      chains_[to].nodes.push_back(*node);
    }
    std::ranges::sort(chains_[to].nodes);
    chains_[to].kind = FusionKind::conv_add;
    chains_[from].nodes.assign(nodes.begin(), addition);
    chains_[from].kind = kind_of(chains_[from].nodes);
  }

  [[nodiscard]] FusionKind kind_of(const std::vector<std::size_t>& nodes) const {
    const auto any = [&](auto&& test) {
      return std::ranges::any_of(nodes, [&](std::size_t node) { return test(graph_.nodes[node].op_type); });
    };
    const bool normalised = any([](const std::string& op) { return op == "BatchNormalization"; });
    const bool activated = any([](const std::string& op) { return class_of_onnx_op(op) == LayerClass::activation; });
    if (activated) {
      return normalised ? FusionKind::conv_bn_activation : FusionKind::conv_activation;
    }
    return normalised ? FusionKind::conv_bn : FusionKind::conv_affine;
  }

  const Graph& graph_;
  const LayersOfNodes& layers_;
  std::vector<Chain> chains_;
  std::vector<std::size_t> chain_of_;  // by node
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_name_;
  std::unordered_map<std::string_view, std::size_t> producer_;
};

}  // namespace

std::vector<Chain> fusion_chains(const Graph& graph, const TensorTable& tensors, const LayersOfNodes& layers) {
  return ChainBuilder(graph, layers).run(find_fusion_candidates(graph, tensors));
}

}  // namespace trtprof
