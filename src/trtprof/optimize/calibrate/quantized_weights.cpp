#include "trtprof/optimize/calibrate/quantized_weights.h"

#include <algorithm>
#include <cmath>

#include "trtprof/base/half.h"

namespace trtprof::quantization {
namespace {

constexpr double kLargest = 127.0;
constexpr float kLeastHalfScale = 0x1p-20F;
constexpr std::uint16_t kLargestHalf = 0x7BFF;

// Of element `index`: its place along the axis.
struct Channels {
  std::size_t count = 1;
  std::size_t stride = 1;  // elements from one to the next
  [[nodiscard]] std::size_t of(std::size_t index) const { return index / stride % count; }
};

Channels channels_of(std::span<const std::int64_t> shape, std::optional<std::size_t> axis) {
  Channels channels;
  if (!axis) return channels;
  channels.count = static_cast<std::size_t>(shape[*axis]);
  for (const std::int64_t dimension : shape.subspan(*axis + 1)) channels.stride *= static_cast<std::size_t>(dimension);
  return channels;
}

}  // namespace

float half_scale(double scale) {
  const auto wanted = std::max(static_cast<float>(scale), kLeastHalfScale);
  std::uint16_t bits = std::min(float_to_f16(wanted), kLargestHalf);
  if (f16_to_float(bits) < wanted && bits < kLargestHalf) ++bits;
  return f16_to_float(bits);
}

std::optional<QuantizedWeights> quantize_weights(std::span<const double> weights, std::span<const std::int64_t> shape,
                                                 std::optional<std::size_t> axis, bool half_scales) {
  const Channels channels = channels_of(shape, axis);
  std::vector<double> largest(channels.count, 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i])) return std::nullopt;
    double& of_channel = largest[channels.of(i)];
    of_channel = std::max(of_channel, std::abs(weights[i]));
  }
  QuantizedWeights result;
  for (const double magnitude : largest) {
    const double scale = magnitude == 0.0 ? 1.0 : magnitude / kLargest;
    // A scale under the smallest normal f32 would be flushed to zero by engines.
    const auto single = std::max(static_cast<float>(scale), 0x1p-126F);
    result.scales.push_back(half_scales ? half_scale(scale) : single);
  }
  result.values.reserve(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double steps = std::nearbyint(weights[i] / double{result.scales[channels.of(i)]});
    result.values.push_back(static_cast<std::int8_t>(std::clamp(steps, -kLargest, kLargest)));
  }
  return result;
}

}  // namespace trtprof::quantization
