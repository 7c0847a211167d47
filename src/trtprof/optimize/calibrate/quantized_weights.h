// Weights as INT8, symmetric: value = integer * scale, with integers from -127 to 127. Private to calibrate/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace trtprof::quantization {

struct QuantizedWeights {
  std::vector<std::int8_t> values;
  std::vector<float> scales;  // one for each index of the axis, or a single one
};

// `axis` nullopt: one scale for all. `half_scales`: scales are numbers of f16, rounded up so that nothing is clipped.
// A channel that is all zero gets the scale 1. nullopt: a weight is not finite.
[[nodiscard]] std::optional<QuantizedWeights> quantize_weights(std::span<const double> weights,
                                                               std::span<const std::int64_t> shape,
                                                               std::optional<std::size_t> axis, bool half_scales);

// The smallest number of f16 that is not below `scale`, at least 2^-20: four bits of it survive there.
[[nodiscard]] float half_scale(double scale);

}  // namespace trtprof::quantization
