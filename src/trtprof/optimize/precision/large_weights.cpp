#include "trtprof/optimize/precision/large_weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/half.h"
#include "trtprof/base/text.h"
#include "trtprof/model/tensor_values.h"
#include "trtprof/optimize/precision/batch_norm.h"
#include "trtprof/optimize/precision/stored_constant.h"

namespace trtprof::precision {
namespace {

constexpr std::array kLimits = {"Clip", "Max", "Min"};
constexpr std::array kSelect = {"Add", "Concat", "Expand", "Identity", "Mul", "Pad", "Sub", "Unsqueeze", "Where"};
constexpr double kSmallestNormalF16 = 0x1p-14;

bool is_any(const TypedNode& node, const auto& ops) {
  return std::ranges::any_of(ops, [&node](const char* op) { return node.is(op); });
}

}  // namespace

LargeWeights::LargeWeights(const TypedGraph& graph, const PrecisionOptions& options,
                           const std::filesystem::path& model_path)
    : graph_(graph), options_(options) {
  if (options.type != HalfType::f16) return;  // bf16 reaches as far as f32
  for (int i = 0; std::cmp_less(i, graph.values().size()); ++i) {
    if (!graph.value(i).is_float() || !graph.is_constant(i)) continue;
    const auto values = read_tensor(stored_constant(graph, graph.value(i)), model_path);
    if (!values) continue;  // told where it is converted
    Extent extent;
    for (std::size_t at = 0; at + sizeof(float) <= values->data.size(); at += sizeof(float)) {
      float value = 0.0F;
      std::memcpy(&value, values->data.data() + at, sizeof value);
      const double magnitude = std::abs(double{value});
      if (!std::isfinite(magnitude) || magnitude == 0.0) continue;
      if (f16_to_float(float_to_f16(value)) != value) extent.rounded = true;
      extent.largest = std::max(extent.largest, magnitude);
      extent.smallest = extent.smallest == 0.0 ? magnitude : std::min(extent.smallest, magnitude);
      if (magnitude < kMaskMagnitude) extent.largest_number = std::max(extent.largest_number.value_or(0.0), magnitude);
    }
    extents_.emplace(i, extent);
  }
}

const LargeWeights::Extent* LargeWeights::extent_of(int value) const {
  const auto found = extents_.find(value);
  return found == extents_.end() ? nullptr : &found->second;
}

std::string LargeWeights::reason(int index) const {
  const TypedNode& node = graph_.node(index);
  if (is_any(node, kLimits) || has_constant_statistics(graph_, node)) return "";
  const bool quantizes = node.is("QuantizeLinear") || node.is("DequantizeLinear");
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Extent* extent = extent_of(node.inputs[i]);
    if (extent == nullptr) continue;
    const std::string name = printable(graph_.value(node.inputs[i]).name);
    const double largest = is_any(node, kSelect) ? extent->largest_number.value_or(0.0) : extent->largest;
    if (largest > largest_value(options_.type)) {
      return fmt::format("its weights '{}' reach {:.4g}, beyond f16", name, largest);
    }
    constexpr std::size_t scale = 1;
    if (quantizes && i == scale && extent->rounded && extent->smallest < kSmallestNormalF16) {
      return fmt::format("its scale '{}' is as small as {:.4g}, which f16 cannot hold to full precision", name,
                         extent->smallest);
    }
  }
  return "";
}

}  // namespace trtprof::precision
