#include "trtprof/compare/layer_changes.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof {
namespace {

using Layers = std::vector<const Layer*>;

// Each different value once, in the order of execution: "f32, f16".
template <class Values>
std::string listed(const Layers& layers, Values values) {
  std::vector<std::string> seen;
  for (const Layer* layer : layers) {
    for (std::string value : values(*layer)) {
      if (!value.empty() && std::ranges::find(seen, value) == seen.end()) seen.push_back(std::move(value));
    }
  }
  return fmt::format("{}", fmt::join(seen, ", "));
}

std::vector<std::string> precision_of(const Layer& layer) {
  return {layer.precision};
}

std::vector<std::string> implementation_of(const Layer& layer) {
  return {layer.implementation};
}

std::vector<std::string> layouts_of(const Layer& layer) {
  std::vector<std::string> layouts;
  for (const auto* tensors : {&layer.inputs, &layer.outputs}) {
    for (const TensorDesc& tensor : *tensors) layouts.push_back(tensor.layout);
  }
  return layouts;
}

// The nodes of each layer, as sets: how the work is cut.
std::set<std::set<std::string>> cut_of(const Layers& layers) {
  std::set<std::set<std::string>> cut;
  for (const Layer* layer : layers) {
    std::set<std::string> nodes;
    for (const OriginNode& node : layer->origin_nodes) nodes.insert(node.name);
    cut.insert(std::move(nodes));
  }
  return cut;
}

std::string cut_in_words(const Layers& layers) {
  std::set<std::string> nodes;
  for (const Layer* layer : layers) {
    for (const OriginNode& node : layer->origin_nodes) nodes.insert(node.name);
  }
  const auto count = static_cast<std::int64_t>(layers.size());
  return fmt::format("{} of {}", counted(count, "layer"), counted(static_cast<std::int64_t>(nodes.size()), "node"));
}

}  // namespace

std::vector<LayerChange> changes_of(const Layers& a, const Layers& b) {
  const auto types = [](const Layers& layers) {
    return listed(layers, [](const Layer& layer) { return std::vector<std::string>{layer.engine_type}; });
  };
  if (a.empty()) return {{LayerChangeKind::gained, "", types(b)}};
  if (b.empty()) return {{LayerChangeKind::lost, types(a), ""}};
  std::vector<LayerChange> changes;
  const auto compare = [&](LayerChangeKind kind, const auto& values) {
    LayerChange change = {kind, listed(a, values), listed(b, values)};
    // What one side does not tell is no change.
    if (change.a != change.b && !change.a.empty() && !change.b.empty()) changes.push_back(std::move(change));
  };
  if (a.size() != b.size() || cut_of(a) != cut_of(b)) {
    changes.push_back({LayerChangeKind::fused_differently, cut_in_words(a), cut_in_words(b)});
  }
  compare(LayerChangeKind::retyped, precision_of);
  compare(LayerChangeKind::reformatted, layouts_of);
  compare(LayerChangeKind::reimplemented, implementation_of);
  return changes;
}

std::string_view to_string(LayerChangeKind kind) {
  switch (kind) {
    case LayerChangeKind::gained:
      return "gained";
    case LayerChangeKind::lost:
      return "lost";
    case LayerChangeKind::fused_differently:
      return "fused_differently";
    case LayerChangeKind::retyped:
      return "retyped";
    case LayerChangeKind::reformatted:
      return "reformatted";
    case LayerChangeKind::reimplemented:
      break;
  }
  return "reimplemented";
}

}  // namespace trtprof
