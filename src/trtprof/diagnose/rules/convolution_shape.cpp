#include "trtprof/diagnose/rules/convolution_shape.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/profile/layer_name.h"

namespace trtprof::rules {
namespace {

using Shape = std::vector<std::int64_t>;

Shape spatial_of(const Shape& shape) {
  return shape.size() > 2 ? Shape(shape.begin() + 2, shape.end()) : Shape();
}

// The sizes' ratios, rounded: padding, or none, makes them inexact (13 to 7, 56 to 54).
Shape strides_by_size(const Shape& in, const Shape& out) {
  if (in.empty() || in.size() != out.size()) return {};
  Shape strides;
  for (std::size_t d = 0; d < in.size(); ++d) {
    if (in[d] <= 0 || out[d] <= 0 || out[d] > in[d]) return {};
    strides.push_back((in[d] + out[d] / 2) / out[d]);
  }
  return strides;
}

// Engines that list the weights give them as the second input: output channels, input channels of a group, kernel; with
// groups in front where there are any.
void take_listed_weights(const Layer& layer, ConvolutionShape& shape) {
  if (layer.inputs.size() < 2 || shape.in_spatial.empty()) return;
  const Shape& weights = layer.inputs[1].shape;
  const std::size_t plain = shape.in_spatial.size() + 2;
  if (weights.size() != plain && weights.size() != plain + 1) return;
  const bool grouped = weights.size() == plain + 1;
  const std::int64_t channels = weights[grouped ? 2 : 1] * (grouped ? weights[0] : 1);
  if (channels != shape.in_channels) return;
  shape.groups = grouped ? weights[0] : 1;
  shape.kernel.assign(weights.end() - static_cast<std::ptrdiff_t>(shape.in_spatial.size()), weights.end());
}

bool take_node(const Layer& layer, const KnownModel& model, ConvolutionShape& shape) {
  const OriginNode* origin = main_origin(layer);
  if (origin == nullptr) return false;
  const std::vector<OperatorFacts> found = model.operators().find({origin->name});
  if (found.empty() || !is_convolution(found.front().layer_class)) return false;
  const OperatorFacts& facts = found.front();
  shape.groups = facts.groups;
  shape.kernel = facts.kernel;
  if (shape.kernel.empty() && facts.inputs.size() > 1 && facts.inputs[1] && facts.inputs[1]->shape) {
    shape.kernel = spatial_of(*facts.inputs[1]->shape);
  }
  shape.strides = facts.strides.empty() ? Shape(shape.kernel.size(), 1) : facts.strides;
  return true;
}

bool all_are(const Shape& values, std::int64_t value) {
  return std::ranges::all_of(values, [&](std::int64_t each) { return each == value; });
}

std::string stride_text(const Shape& strides) {
  return all_are(strides, strides.front()) ? fmt::format("stride {}", strides.front())
                                           : "stride " + format_shape(strides);
}

}  // namespace

ConvolutionShape convolution_shape(const Layer& layer, const KnownModel* model) {
  ConvolutionShape shape;
  if (!layer.inputs.empty() && layer.inputs.front().shape.size() > 2) {
    shape.in_channels = std::max<std::int64_t>(layer.inputs.front().shape[1], 0);
    shape.in_spatial = spatial_of(layer.inputs.front().shape);
  }
  if (!layer.outputs.empty() && layer.outputs.front().shape.size() > 2) {
    shape.out_channels = std::max<std::int64_t>(layer.outputs.front().shape[1], 0);
    shape.out_spatial = spatial_of(layer.outputs.front().shape);
  }
  if (model != nullptr && take_node(layer, *model, shape)) return shape;
  shape.strides = strides_by_size(shape.in_spatial, shape.out_spatial);
  take_listed_weights(layer, shape);
  return shape;
}

ConvolutionKind kind_of(const Layer& layer, const ConvolutionShape& shape) {
  if (layer.layer_class == LayerClass::depthwise_convolution) return ConvolutionKind::depthwise;
  if (shape.groups > 1)
    return shape.groups == shape.in_channels ? ConvolutionKind::depthwise : ConvolutionKind::grouped;
  if (shape.kernel.empty()) return ConvolutionKind::unknown;
  return all_are(shape.kernel, 1) ? ConvolutionKind::pointwise : ConvolutionKind::full;
}

std::string to_text(const ConvolutionShape& shape) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (shape.in_channels > 0) {
    add(shape.out_channels == shape.in_channels || shape.out_channels == 0
            ? fmt::format("{} channels", shape.in_channels)
            : fmt::format("{} to {} channels", shape.in_channels, shape.out_channels));
  }
  if (!shape.in_spatial.empty()) {
    add(shape.out_spatial.empty() || shape.out_spatial == shape.in_spatial
            ? format_shape(shape.in_spatial)
            : format_shape(shape.in_spatial) + " to " + format_shape(shape.out_spatial));
  }
  if (!shape.kernel.empty()) add("kernel " + format_shape(shape.kernel));
  if (!shape.strides.empty()) add(stride_text(shape.strides));
  if (shape.groups > 1 && shape.groups != shape.in_channels) add(fmt::format("{} groups", shape.groups));
  return text;
}

}  // namespace trtprof::rules
