#include "trtprof/optimize/calibrate/quantized_weights.h"

#include <algorithm>
#include <cmath>

#include "trtprof/base/half.h"

namespace trtprof::quantization {
namespace {

constexpr double kLargest = 127.0;
constexpr float kLeastF16Scale = 0x1p-20F;
constexpr float kLeastScale = 0x1p-126F;
constexpr std::uint16_t kLargestF16 = 0x7BFF;
constexpr std::uint16_t kLargestBf16 = 0x7F7F;

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

float least_scale(std::optional<HalfType> type) {
  return type == HalfType::f16 ? kLeastF16Scale : kLeastScale;
}

float half_scale(double scale, HalfType type) {
  const bool is_f16 = type == HalfType::f16;
  const auto wanted = std::max(static_cast<float>(scale), least_scale(type));
  const std::uint16_t largest = is_f16 ? kLargestF16 : kLargestBf16;
  const auto number = [is_f16](std::uint16_t bits) { return is_f16 ? f16_to_float(bits) : bf16_to_float(bits); };
  std::uint16_t bits = std::min(is_f16 ? float_to_f16(wanted) : float_to_bf16(wanted), largest);
  if (number(bits) < wanted && bits < largest) ++bits;
  return number(bits);
}

std::optional<QuantizedWeights> quantize_weights(std::span<const double> weights, std::span<const std::int64_t> shape,
                                                 std::optional<std::size_t> axis, std::optional<HalfType> scale_type) {
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
    const auto single = std::max(static_cast<float>(scale), kLeastScale);
    result.scales.push_back(scale_type ? half_scale(scale, *scale_type) : single);
  }
  result.values.reserve(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double steps = std::nearbyint(weights[i] / double{result.scales[channels.of(i)]});
    result.values.push_back(static_cast<std::int8_t>(std::clamp(steps, -kLargest, kLargest)));
  }
  return result;
}

}  // namespace trtprof::quantization
