// Weights as INT8, symmetric: value = integer * scale, with integers from -127 to 127. Private to calibrate/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "trtprof/optimize/precision/convert_precision.h"

namespace trtprof::quantization {

struct QuantizedWeights {
  std::vector<std::int8_t> values;
  std::vector<float> scales;  // one for each index of the axis, or a single one
};

// `axis` nullopt: one scale for all. `scale_type`: scales are numbers of that type (half_scale()); nullopt: of f32.
// A channel that is all zero gets the scale 1. nullopt: a weight is not finite.
[[nodiscard]] std::optional<QuantizedWeights> quantize_weights(std::span<const double> weights,
                                                               std::span<const std::int64_t> shape,
                                                               std::optional<std::size_t> axis,
                                                               std::optional<HalfType> scale_type);

// The least scale that is written: under the smallest normal number of f32 and bf16 engines flush it to zero, and under
// 2^-20 a number of f16 has less than four bits.
[[nodiscard]] float least_scale(std::optional<HalfType> type);

// The smallest number of the type that is not below `scale`, so that nothing is clipped, and not below least_scale().
[[nodiscard]] float half_scale(double scale, HalfType type);

}  // namespace trtprof::quantization
