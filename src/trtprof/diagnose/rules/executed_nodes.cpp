#include "trtprof/diagnose/rules/executed_nodes.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_set>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof::rules {
namespace {

std::string key_of(const std::string& name, const std::string& op_type) {
  return name + '\n' + op_type;
}

std::string counted_layers(const std::vector<std::size_t>& layers) {
  return counted(static_cast<std::int64_t>(layers.size()), "layer");
}

}  // namespace

ExecutedNodes layers_that_run(const std::vector<std::size_t>& nodes, const Graph& graph, const Profile& profile) {
  ExecutedNodes result;
  if (!profile.layer_run || nodes.empty()) return result;
  std::vector<bool> wanted(graph.nodes.size(), false);
  for (const std::size_t node : nodes) wanted[node] = true;
  std::unordered_set<std::string> given;
  std::unordered_set<std::string> others;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    (wanted[i] ? given : others).insert(key_of(graph.nodes[i].display_name(), graph.nodes[i].op_type));
  }
  const auto is_given = [&](const OriginNode& node) {
    const std::string key = key_of(node.name, node.op_type);
    return given.contains(key) && !others.contains(key);
  };
  const std::vector<Layer>& layers = profile.layer_run->layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto count = std::ranges::count_if(layers[i].origin_nodes, is_given);
    if (count == 0) continue;
    const bool all = static_cast<std::size_t>(count) == layers[i].origin_nodes.size();
    (all ? result.alone : result.shared).push_back(i);
  }
  return result;
}

std::string to_text(const ExecutedNodes& executed, double seconds_alone) {
  std::string text;
  if (!executed.alone.empty()) {
    text = fmt::format("{} with nothing but such nodes take {}", counted_layers(executed.alone),
                       format_duration(seconds_alone));
  }
  if (!executed.shared.empty()) {
    text += fmt::format("{}{} run such nodes beside others, at a cost that is not known apart",
                        text.empty() ? "" : "; ", counted_layers(executed.shared));
  }
  return text;
}

bool tells_origins(const Profile& profile) {
  return profile.layer_run &&
         std::ranges::any_of(profile.layer_run->layers, [](const Layer& layer) { return !layer.origin_nodes.empty(); });
}

}  // namespace trtprof::rules
