#include "trtprof/diagnose/rules/device_fill.h"

#include <algorithm>
#include <utility>

#include "trtprof/diagnose/device_properties.h"
#include "trtprof/diagnose/rules/inference_times.h"

namespace trtprof::rules {
namespace {

double ideal_of_items(const LayerRoofline& roof, const LayerCost& cost) {
  const double bytes = roof.bytes.value_or(0.0);
  const double weights = bytes > 0.0 ? std::min(cost.cost.weight_bytes.value_or(0.0) / bytes, 1.0) : 0.0;
  return std::max(roof.memory_seconds.value_or(0.0) * (1.0 - weights), roof.compute_seconds.value_or(0.0));
}

}  // namespace

SmallLayers small_layers(const Subject& subject) {
  const Roofline& roofline = *subject.roofline;
  SmallLayers small;
  for (std::size_t i = 0; i < roofline.layers.size(); ++i) {
    const LayerRoofline& roof = roofline.layers[i];
    if (roof.bound != LayerBound::latency || !roof.seconds) continue;
    small.layers.push_back(i);
    small.ideal += roof.ideal_seconds.value_or(0.0);
    small.ideal_of_items += ideal_of_items(roof, subject.costs[i]);
  }
  small.seconds = InferenceTimes(subject).of(small.layers);
  small.multiprocessors = multiprocessors(subject.profile.environment);
  small.median_blocks = median_blocks(roofline, small.layers);
  std::ranges::stable_sort(small.layers, [&](std::size_t a, std::size_t b) {
    return *roofline.layers[a].seconds > *roofline.layers[b].seconds;
  });
  return small;
}

std::optional<double> median_blocks(const Roofline& roofline, const std::vector<std::size_t>& layers) {
  std::vector<std::pair<std::int64_t, double>> blocks;
  double seconds = 0.0;
  for (const std::size_t layer : layers) {
    const LayerRoofline& roof = roofline.layers[layer];
    if (!roof.blocks || !roof.seconds) continue;
    blocks.emplace_back(*roof.blocks, *roof.seconds);
    seconds += *roof.seconds;
  }
  std::ranges::sort(blocks);
  double below = 0.0;
  for (const auto& [count, time] : blocks) {
    below += time;
    if (below >= seconds / 2.0) return static_cast<double>(count);
  }
  return std::nullopt;
}

}  // namespace trtprof::rules
