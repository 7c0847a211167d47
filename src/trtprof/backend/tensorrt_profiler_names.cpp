#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/backend/tensorrt_names.h"

namespace trtprof {
namespace {

// What a block of several layers reads, writes and holds.
Layer block_of(const std::string& name, const std::vector<Layer>& layers, const std::vector<std::size_t>& parts) {
  Layer block;
  block.name = name;
  const bool foreign = is_foreign_node(name);
  block.engine_type = foreign ? "ForeignNode" : "";
  block.layer_class = foreign ? LayerClass::opaque : is_engine_copy(name) ? LayerClass::reformat : LayerClass::other;
  std::unordered_set<std::string> written;
  std::unordered_set<std::string> read_inside;
  std::vector<std::size_t> computing;
  for (const std::size_t part : parts) {
    const Layer& layer = layers[part];
    for (const TensorDesc& input : layer.inputs) {
      read_inside.insert(input.name);
      if (!written.contains(input.name)) block.inputs.push_back(input);
    }
    for (const TensorDesc& output : layer.outputs) written.insert(output.name);
    for (const OriginNode& node : layer.origin_nodes) {
      if (std::ranges::find(block.origin_nodes, node) == block.origin_nodes.end()) block.origin_nodes.push_back(node);
    }
    if (layer.origin_source == OriginSource::reported || block.origin_source == OriginSource::none) {
      block.origin_source = layer.origin_source;
    }
    if (!layer.implementation.empty()) computing.push_back(part);
  }
  for (const std::size_t part : parts) {
    for (const TensorDesc& output : layers[part].outputs) {
      if (!read_inside.contains(output.name)) block.outputs.push_back(output);
    }
  }
  if (foreign && block.origin_nodes.empty()) {
    for (std::string& end : names_in_layer_name(name)) block.origin_nodes.push_back({std::move(end), ""});
    if (!block.origin_nodes.empty()) block.origin_source = OriginSource::reported;
  }
  if (computing.size() == 1) {  // one kernel and what prepares it: nothing is hidden
    const Layer& kernel = layers[computing.front()];
    block.layer_class = kernel.layer_class;
    block.precision = kernel.precision;
    block.implementation = kernel.implementation;
  }
  return block;
}

class ProfilerJoin {
 public:
  ProfilerJoin(const std::vector<Layer>& layers, const std::vector<std::string>& reported)
      : layers_(layers), reported_(reported) {
    for (std::size_t i = 0; i < layers.size(); ++i) by_name_.emplace(layers[i].name, i);
  }

  std::vector<std::size_t> run(std::vector<Layer>& joined) {
    match();
    place_unknown();
    return assemble(joined);
  }

 private:
  static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

  struct Added {
    std::string name;
    std::size_t before;  // the layer in front of which it goes: where the reported names went on
    std::vector<std::size_t> parts;
  };

  // The k-th time that a name is reported is the k-th layer of the name; a layer of a loop is reported again.
  void match() {
    std::unordered_map<std::string, std::size_t> times;
    seen_.assign(layers_.size(), false);
    for (const std::string& name : reported_) {
      auto found = by_name_.find(numbered_name(name, ++times[name]));
      if (found == by_name_.end()) found = by_name_.find(name);
      matched_.push_back(found == by_name_.end() ? kUnknown : found->second);
      if (matched_.back() != kUnknown) seen_[matched_.back()] = true;
    }
  }

  void place_unknown() {
    std::size_t next_free = 0;  // behind the layer reported last
    for (std::size_t i = 0; i < reported_.size(); ++i) {
      if (matched_[i] != kUnknown) {
        next_free = matched_[i] + 1;
        continue;
      }
      if (!added_index_.emplace(reported_[i], added_.size()).second) continue;
      added_.push_back({reported_[i], next_free, {}});
      if (is_foreign_node(reported_[i]) && stands_alone(i)) {
        take_parts(added_.back(), end_of_gap(i, next_free));
      }
    }
  }

  // Of two blocks in one gap nobody says whose the parts are.
  [[nodiscard]] bool stands_alone(std::size_t i) const {
    return (i == 0 || matched_[i - 1] != kUnknown) && (i + 1 == matched_.size() || matched_[i + 1] != kUnknown);
  }

  [[nodiscard]] std::size_t end_of_gap(std::size_t i, std::size_t begin) const {
    const std::size_t end = i + 1 == matched_.size() ? layers_.size() : matched_[i + 1];
    return std::max(end, begin);
  }

  void take_parts(Added& block, std::size_t end) {
    for (std::size_t layer = block.before; layer < end; ++layer) {
      if (!seen_[layer] && !is_engine_copy(layers_[layer].name)) block.parts.push_back(layer);
    }
  }

  std::vector<std::size_t> assemble(std::vector<Layer>& joined) {
    std::vector<bool> replaced(layers_.size(), false);
    std::vector<std::vector<std::size_t>> added_before(layers_.size() + 1);
    for (std::size_t k = 0; k < added_.size(); ++k) {
      // A block stands where its last part stood, behind the copies that feed it.
      const auto& parts = added_[k].parts;
      added_before[parts.empty() ? added_[k].before : parts.back()].push_back(k);
      for (const std::size_t part : parts) replaced[part] = true;
    }
    std::vector<std::size_t> place_of_layer(layers_.size(), kUnknown);
    std::vector<std::size_t> place_of_added(added_.size(), kUnknown);
    for (std::size_t i = 0; i <= layers_.size(); ++i) {
      for (const std::size_t k : added_before[i]) {
        place_of_added[k] = joined.size();
        joined.push_back(block_of(added_[k].name, layers_, added_[k].parts));
      }
      if (i == layers_.size() || replaced[i]) continue;
      place_of_layer[i] = joined.size();
      joined.push_back(layers_[i]);
    }
    std::vector<std::size_t> places;
    places.reserve(reported_.size());
    for (std::size_t i = 0; i < reported_.size(); ++i) {
      places.push_back(matched_[i] == kUnknown ? place_of_added[added_index_.at(reported_[i])]
                                               : place_of_layer[matched_[i]]);
    }
    return places;
  }

  const std::vector<Layer>& layers_;
  const std::vector<std::string>& reported_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::vector<std::size_t> matched_;  // by reported name
  std::vector<bool> seen_;            // by layer
  std::vector<Added> added_;
  std::unordered_map<std::string, std::size_t> added_index_;
};

}  // namespace

std::vector<std::size_t> join_profiler_names(std::vector<Layer>& layers, const std::vector<std::string>& reported) {
  std::vector<Layer> joined;
  joined.reserve(layers.size());
  std::vector<std::size_t> places = ProfilerJoin(layers, reported).run(joined);
  layers = std::move(joined);
  return places;
}

}  // namespace trtprof
