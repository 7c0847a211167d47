#include "trtprof/profile/layer_times.h"

namespace trtprof {

std::optional<Summary> summary_of(const SampleSeries& series) {
  if (series.summary) {
    return series.summary;
  }
  return series.samples.empty() ? std::nullopt : std::optional(summarize(series.samples));
}

std::optional<double> median_of(const SampleSeries& series) {
  if (series.summary) {
    return series.summary->median;
  }
  return series.samples.empty() ? std::nullopt : std::optional(median(series.samples));
}

std::optional<double> layer_seconds(const Layer& layer) {
  const std::optional<double> median = median_of(layer.time);
  return median ? median : layer.reported_seconds;
}

double layer_sum(const LayerRun& run) {
  double sum = 0.0;
  for (const Layer& layer : run.layers) {
    sum += layer_seconds(layer).value_or(0.0);
  }
  return sum;
}

}  // namespace trtprof
