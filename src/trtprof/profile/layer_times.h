// The figures that reports, comparisons and rules take from a series, so that all take the same ones.
#pragma once

#include <optional>

#include "trtprof/profile/profile.h"

namespace trtprof {

// The stored summary, or one made of the samples; nullopt when there is neither.
[[nodiscard]] std::optional<Summary> summary_of(const SampleSeries& series);

// In seconds. The time of a layer is the median of its samples; nullopt when nothing was measured.
[[nodiscard]] std::optional<double> median_of(const SampleSeries& series);

// In seconds: the median of the layer's samples, else what the engine itself reports; nullopt when neither is known.
[[nodiscard]] std::optional<double> layer_seconds(const Layer& layer);

// In seconds: the sum of layer_seconds(), "total_time_sum" of the report. Layers without a time add nothing.
[[nodiscard]] double layer_sum(const LayerRun& run);

}  // namespace trtprof
