#include "trtprof/compare/layer_comparison.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "trtprof/base/format.h"
#include "trtprof/compare/layer_changes.h"
#include "trtprof/compare/mean_interval.h"
#include "trtprof/profile/layer_name.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

constexpr double kLevel = 0.95;

using Runs = std::span<const LayerRun* const>;
using Chosen = std::vector<std::vector<std::size_t>>;

// What the chosen layers of each run take together.
std::vector<double> seconds_of(Runs runs, const Chosen& chosen) {
  std::vector<double> seconds;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    double sum = 0.0;
    for (const std::size_t layer : chosen[run]) sum += layer_seconds(runs[run]->layers[layer]).value_or(0.0);
    seconds.push_back(sum);
  }
  return seconds;
}

double mean_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Of b - a; nullopt where it cannot be told how launches vary.
std::optional<MeanEstimate> change_of(std::span<const double> a, std::span<const double> b, bool paired) {
  if (paired && a.size() == b.size() && a.size() >= 2) {
    std::vector<double> differences;
    differences.reserve(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(b[i] - a[i]);
    return mean_of_observations(differences, 0.0);
  }
  if (a.size() < 2 || b.size() < 2) return std::nullopt;
  return difference(mean_of_observations(a, 0.0), mean_of_observations(b, 0.0));
}

std::vector<const Layer*> first_layers(Runs runs, const Chosen& chosen) {
  for (std::size_t run = 0; run < runs.size(); ++run) {
    if (chosen[run].empty()) continue;
    std::vector<const Layer*> layers;
    for (const std::size_t layer : chosen[run]) layers.push_back(&runs[run]->layers[layer]);
    return layers;
  }
  return {};
}

const Layer& longest(const std::vector<const Layer*>& layers) {
  return **std::ranges::max_element(layers, {}, [](const Layer* layer) { return layer_seconds(*layer).value_or(0.0); });
}

std::vector<std::string> names_of(const std::vector<const Layer*>& layers) {
  std::vector<std::string> names;
  names.reserve(layers.size());
  for (const Layer* layer : layers) names.push_back(layer->name);
  return names;
}

std::vector<std::string> nodes_of(const std::vector<const Layer*>& a, const std::vector<const Layer*>& b) {
  std::vector<std::string> nodes;
  std::set<std::string_view> seen;
  for (const auto* layers : {&a, &b}) {
    for (const Layer* layer : *layers) {
      for (const OriginNode& node : layer->origin_nodes) {
        if (seen.insert(node.name).second) nodes.push_back(node.name);
      }
    }
  }
  return nodes;
}

LayerComparison compare_group(const LayerGroup& group, Runs a, Runs b, bool paired, double clear_level) {
  const std::vector<const Layer*> layers_a = first_layers(a, group.a);
  const std::vector<const Layer*> layers_b = first_layers(b, group.b);
  const Layer& main = longest(layers_a.empty() ? layers_b : layers_a);
  LayerComparison result;
  result.name = readable_name(main);
  result.layer_class = main.layer_class;
  result.basis = group.basis;
  result.nodes = nodes_of(layers_a, layers_b);
  result.layers_a = names_of(layers_a);
  result.layers_b = names_of(layers_b);
  const std::vector<double> seconds_a = seconds_of(a, group.a);
  const std::vector<double> seconds_b = seconds_of(b, group.b);
  result.seconds_a = mean_of(seconds_a);
  result.seconds_b = mean_of(seconds_b);
  result.difference = result.seconds_b - result.seconds_a;
  if (const auto change = change_of(seconds_a, seconds_b, paired)) {
    const double half = half_width(*change, kLevel);
    result.interval = Interval{result.difference - half, result.difference + half};
    result.clear = std::abs(result.difference) > half_width(*change, clear_level);
  }
  result.changes = changes_of(layers_a, layers_b);
  return result;
}

double mean_sum(Runs runs) {
  double sum = 0.0;
  for (const LayerRun* run : runs) sum += layer_sum(*run);
  return sum / static_cast<double>(runs.size());
}

}  // namespace

LayersCompared compare_layers(Runs a, Runs b, bool paired) {
  LayersCompared compared;
  compared.sum_a = mean_sum(a);
  compared.sum_b = mean_sum(b);
  const std::vector<LayerGroup> groups = match_layers(a, b);
  const double clear_level = 1.0 - (1.0 - kLevel) / static_cast<double>(std::max<std::size_t>(groups.size(), 1));
  for (const LayerGroup& group : groups) compared.groups.push_back(compare_group(group, a, b, paired, clear_level));
  std::ranges::stable_sort(compared.groups, [](const LayerComparison& one, const LayerComparison& other) {
    return std::abs(one.difference) > std::abs(other.difference);
  });
  return compared;
}

}  // namespace trtprof
