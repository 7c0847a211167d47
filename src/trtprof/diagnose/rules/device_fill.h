// How well kernels fill the device: blocks against multiprocessors. Private to rules/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "trtprof/diagnose/subject.h"

namespace trtprof::rules {

// Layers whose kernels are too small to fill the device (LayerBound::latency), those with the most time first.
struct SmallLayers {
  std::vector<std::size_t> layers;  // indices of LayerRun::layers
  double seconds = 0.0;             // as they count in an inference (InferenceTimes)
  double ideal = 0.0;               // of them at the device's limits, as far as these are known
  double ideal_of_items = 0.0;      // likewise, what a larger batch reads once (weights) left out
  std::optional<std::int64_t> multiprocessors;
  std::optional<double> median_blocks;  // half of the time is in kernels of as many blocks or fewer
};

// `subject.roofline` must not be null.
[[nodiscard]] SmallLayers small_layers(const Subject& subject);

// Half of the time of these layers is in kernels of as many blocks or fewer; nullopt: no blocks are known.
[[nodiscard]] std::optional<double> median_blocks(const Roofline& roofline, const std::vector<std::size_t>& layers);

}  // namespace trtprof::rules
