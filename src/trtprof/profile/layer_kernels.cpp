#include "trtprof/profile/layer_kernels.h"

#include <algorithm>
#include <unordered_map>

#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

// The median of the sums, inference by inference; of an import without samples the sum of the medians.
std::optional<double> median_of_sum(const std::vector<const SampleSeries*>& parts) {
  if (parts.empty()) return std::nullopt;
  const std::size_t count = parts.front()->samples.size();
  const bool alike =
      std::ranges::all_of(parts, [&](const SampleSeries* part) { return part->samples.size() == count; });
  if (alike && count > 0) {
    std::vector<double> sums(count, 0.0);
    for (const SampleSeries* part : parts) {
      for (std::size_t i = 0; i < count; ++i) sums[i] += part->samples[i];
    }
    return summarize(sums).median;
  }
  double sum = 0.0;
  for (const SampleSeries* part : parts) {
    const std::optional<double> median = median_of(*part);
    if (!median) return std::nullopt;
    sum += *median;
  }
  return sum;
}

}  // namespace

std::vector<LayerKernels> kernels_by_layer(const LayerRun& run, const Timeline& timeline) {
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < run.layers.size(); ++i) index.emplace(run.layers[i].name, i);
  std::vector<LayerKernels> layers(run.layers.size());
  for (std::size_t k = 0; k < timeline.kernels.size(); ++k) {
    const auto layer = index.find(timeline.kernels[k].layer);
    if (layer != index.end()) layers[layer->second].kernels.push_back(k);
  }
  for (LayerKernels& layer : layers) {
    std::vector<const SampleSeries*> times;
    std::vector<const SampleSeries*> gaps;
    for (const std::size_t k : layer.kernels) {
      times.push_back(&timeline.kernels[k].time);
      if (timeline.kernels[k].gap_before) gaps.push_back(&*timeline.kernels[k].gap_before);
    }
    layer.gpu_seconds = median_of_sum(times);
    layer.gap_seconds = median_of_sum(gaps);
  }
  return layers;
}

std::optional<std::size_t> find_layer(const LayerRun& run, std::string_view name) {
  const auto found = std::ranges::find(run.layers, name, &Layer::name);
  if (found == run.layers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - run.layers.begin());
}

}  // namespace trtprof
