#include "trtprof/diagnose/rules/layer_alignment.h"

#include <string>
#include <unordered_map>

namespace trtprof::rules {
namespace {

// Disjoint sets over what ties layers together: nodes, and names of layers without nodes.
class Ties {
 public:
  // The set of the layer; of one with several nodes, all of them become one.
  std::size_t tie(const Layer& layer) {
    if (layer.origin_nodes.empty()) return number_of("layer " + layer.name);
    const std::size_t first = number_of("node " + layer.origin_nodes.front().name);
    for (const OriginNode& node : layer.origin_nodes) {
      parents_[root_of(number_of("node " + node.name))] = root_of(first);
    }
    return first;
  }

  [[nodiscard]] std::size_t root_of(std::size_t number) {
    while (parents_[number] != number) {
      parents_[number] = parents_[parents_[number]];
      number = parents_[number];
    }
    return number;
  }

 private:
  std::size_t number_of(const std::string& key) {
    const auto [at, added] = numbers_.emplace(key, parents_.size());
    if (added) parents_.push_back(parents_.size());
    return at->second;
  }

  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::size_t> parents_;
};

}  // namespace

std::vector<AlignedLayers> align_layers(const LayerRun& left, const LayerRun& right) {
  Ties ties;
  std::vector<std::size_t> of_left;
  std::vector<std::size_t> of_right;
  of_left.reserve(left.layers.size());
  of_right.reserve(right.layers.size());
  for (const Layer& layer : left.layers) of_left.push_back(ties.tie(layer));
  for (const Layer& layer : right.layers) of_right.push_back(ties.tie(layer));
  std::vector<AlignedLayers> groups;
  std::unordered_map<std::size_t, std::size_t> group_of_root;
  const auto group = [&](std::size_t tie) -> AlignedLayers& {
    const auto [at, added] = group_of_root.emplace(ties.root_of(tie), groups.size());
    if (added) groups.emplace_back();
    return groups[at->second];
  };
  for (std::size_t i = 0; i < of_left.size(); ++i) group(of_left[i]).left.push_back(i);
  for (std::size_t i = 0; i < of_right.size(); ++i) group(of_right[i]).right.push_back(i);
  return groups;
}

}  // namespace trtprof::rules
