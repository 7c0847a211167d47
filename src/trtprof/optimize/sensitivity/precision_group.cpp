#include "trtprof/optimize/sensitivity/precision_group.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "trtprof/profile/layer_class.h"

namespace trtprof {
namespace {

// What engines compute on the way out of the layer before it.
bool goes_with_producer(std::string_view op_type) {
  switch (class_of_onnx_op(op_type)) {
    case LayerClass::scale:
    case LayerClass::activation:
    case LayerClass::elementwise:
    case LayerClass::shuffle:
    case LayerClass::concatenation:
    case LayerClass::slice:
    case LayerClass::pad:
    case LayerClass::cast:
      return true;
    default:
      return false;
  }
}

class Grouping {
 public:
  explicit Grouping(std::span<const std::string> nodes) : wanted_(nodes.begin(), nodes.end()) {}

  void add(const GraphNode& node) {
    const std::string& name = node.display_name();
    if (!wanted_.contains(name)) return;
    const auto known = group_of_node_.find(name);
    const std::size_t group = known != group_of_node_.end() ? known->second : group_of(node);
    if (known == group_of_node_.end()) {
      groups_[group].nodes.push_back(name);
      group_of_node_.emplace(name, group);
    }
    for (const std::string& output : node.outputs) group_of_value_[output] = group;
  }

  [[nodiscard]] std::vector<PrecisionGroup> take() && { return std::move(groups_); }

 private:
  std::size_t group_of(const GraphNode& node) {
    std::optional<std::size_t> latest;
    for (const std::string& input : node.inputs) {
      const auto made = group_of_value_.find(input);
      if (made != group_of_value_.end() && (!latest || made->second > *latest)) latest = made->second;
    }
    if (latest && goes_with_producer(node.op_type)) return *latest;
    groups_.push_back({node.display_name(), node.op_type, {}});
    return groups_.size() - 1;
  }

  std::unordered_set<std::string_view> wanted_;
  std::vector<PrecisionGroup> groups_;
  std::unordered_map<std::string_view, std::size_t> group_of_value_;
  std::unordered_map<std::string_view, std::size_t> group_of_node_;
};

}  // namespace

std::vector<PrecisionGroup> groups_by_fusion(const Graph& graph, std::span<const std::string> nodes) {
  Grouping grouping(nodes);
  for (const GraphNode& node : graph.nodes) grouping.add(node);
  return std::move(grouping).take();
}

std::vector<std::string> nodes_of_all_but(std::span<const PrecisionGroup> groups,
                                          std::span<const std::size_t> without) {
  std::vector<std::string> nodes;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (std::ranges::find(without, i) != without.end()) continue;
    nodes.insert(nodes.end(), groups[i].nodes.begin(), groups[i].nodes.end());
  }
  return nodes;
}

}  // namespace trtprof
