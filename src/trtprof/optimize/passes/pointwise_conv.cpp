#include "trtprof/optimize/passes/pointwise_conv.h"

#include <algorithm>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

bool all_are(const std::vector<std::int64_t>& values, std::int64_t wanted) {
  return std::ranges::all_of(values, [wanted](std::int64_t value) { return value == wanted; });
}

void replace_constant(GraphView& graph, onnx::NodeProto& node, int input, std::string_view role, const Tensor& tensor) {
  const std::string before = input_of(node, input);
  const std::string stem = before.empty() ? fmt::format("{}.{}", name_of(node), role) : before;
  graph.set_input(node, input, graph.add_initializer(to_proto(tensor, stem)));
  if (!before.empty()) graph.remove_if_unused(before);
}

}  // namespace

bool is_pointwise(const onnx::NodeProto& node, PassContext& context) {
  if (!is_op(node, "Conv") || integer_of(node, "group", 1) != 1) return false;
  const auto shape = context.shape(input_of(node, 1));
  if (!shape || shape->size() < 3) return false;
  if (!all_are({shape->begin() + 2, shape->end()}, 1)) return false;
  const std::string automatic = text_of(node, "auto_pad", "NOTSET");
  return (automatic == "NOTSET" || automatic == "VALID") &&
         all_are(integers_of(node, "pads").value_or(std::vector<std::int64_t>{}), 0);
}

tl::expected<PointwiseConv, std::string> PointwiseConv::read(const GraphView& graph, const onnx::NodeProto& node) {
  PointwiseConv conv;
  auto weights = constant_numbers(graph, input_of(node, 1));
  if (!weights) return tl::unexpected(fmt::format("the weights of {} are not a constant", call(node)));
  if (weights->type != ElementType::f32 && weights->type != ElementType::f64) {
    return tl::unexpected(fmt::format("the weights of {} are {}, which a second rounding would cost accuracy",
                                      call(node), to_string(weights->type)));
  }
  conv.type = weights->type;
  conv.outputs = static_cast<std::size_t>(weights->shape[0]);
  conv.inputs = static_cast<std::size_t>(weights->shape[1]);
  conv.strides = integers_of(node, "strides").value_or(std::vector<std::int64_t>(weights->shape.size() - 2, 1));
  conv.weights = std::move(weights->values);
  if (input_of(node, 2).empty()) return conv;
  auto bias = constant_numbers(graph, node.input(2));
  if (!bias) return tl::unexpected(fmt::format("the bias of {} is not a constant", call(node)));
  conv.bias = std::move(bias->values);
  return conv;
}

double PointwiseConv::pixels_read() const {
  double pixels = 1.0;
  for (const std::int64_t stride : strides) pixels *= static_cast<double>(stride);
  return pixels;
}

bool PointwiseConv::is_finite() const {
  return tensor_of_numbers(type, {static_cast<std::int64_t>(weights.size())}, weights).has_value() &&
         tensor_of_numbers(type, {static_cast<std::int64_t>(bias.size())}, bias).has_value();
}

void PointwiseConv::store(GraphView& graph, onnx::NodeProto& node) const {
  std::vector<std::int64_t> shape = {static_cast<std::int64_t>(outputs), static_cast<std::int64_t>(inputs)};
  shape.resize(2 + strides.size(), 1);
  replace_constant(graph, node, 1, "weight", tensor_of_numbers(type, shape, weights).value());
  if (bias.empty()) return;
  replace_constant(graph, node, 2, "bias", tensor_of_numbers(type, {static_cast<std::int64_t>(outputs)}, bias).value());
}

PointwiseConv row(const PointwiseConv& first, const PointwiseConv& second) {
  PointwiseConv both;
  both.type = second.type;
  both.outputs = second.outputs;
  both.inputs = first.inputs;
  both.strides = second.strides;
  for (std::size_t i = 0; i < std::min(both.strides.size(), first.strides.size()); ++i)
    both.strides[i] *= first.strides[i];
  both.weights.resize(both.outputs * both.inputs);
  if (!first.bias.empty() || !second.bias.empty()) both.bias = second.bias;
  both.bias.resize(first.bias.empty() && second.bias.empty() ? 0 : both.outputs);
  for (std::size_t out = 0; out < both.outputs; ++out) {
    for (std::size_t middle = 0; middle < second.inputs; ++middle) {
      const double factor = second.weights[out * second.inputs + middle];
      for (std::size_t in = 0; in < both.inputs; ++in) {
        both.weights[out * both.inputs + in] += factor * first.weights[middle * first.inputs + in];
      }
      if (!first.bias.empty()) both.bias[out] += factor * first.bias[middle];
    }
  }
  return both;
}

}  // namespace trtprof::passes
