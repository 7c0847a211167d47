#include "trtprof/optimize/passes/shape_values.h"

#include <algorithm>
#include <utility>

#include <onnx/onnx_pb.h>

#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

using Dims = std::vector<std::int64_t>;
using OpenDims = std::vector<std::optional<std::int64_t>>;

std::int64_t within(std::int64_t position, std::int64_t count) {
  if (position < 0) position += count;
  return std::clamp<std::int64_t>(position, 0, count);
}

// What a Shape gives, dimension by dimension; nullopt: the node is none, or the rank is not known.
std::optional<OpenDims> dimensions_of(const onnx::NodeProto& node, PassContext& context) {
  if (!is_op(node, "Shape")) return std::nullopt;
  const ValueInfo* value = context.value(input_of(node, 0));
  if (value == nullptr || !value->shape) return std::nullopt;
  const auto count = static_cast<std::int64_t>(value->shape->size());
  const std::int64_t begin = within(integer_of(node, "start", 0), count);
  const std::int64_t end = within(integer_of(node, "end", count), count);
  OpenDims dims;
  for (std::int64_t i = begin; i < end; ++i) dims.push_back((*value->shape)[static_cast<std::size_t>(i)].value);
  return dims;
}

std::optional<OpenDims> dimensions_before(const onnx::NodeProto& node, PassContext& context) {
  const onnx::NodeProto* shape = context.graph().producer(input_of(node, 0));
  return shape == nullptr ? std::nullopt : dimensions_of(*shape, context);
}

std::optional<Tensor> all_of(const OpenDims& dims, std::vector<std::int64_t> shape) {
  Dims values;
  for (const auto& dim : dims) {
    if (!dim) return std::nullopt;
    values.push_back(*dim);
  }
  return tensor_of_integers(std::move(shape), values);
}

std::optional<Tensor> gathered(const onnx::NodeProto& node, PassContext& context) {
  const auto dims = dimensions_before(node, context);
  if (!dims || integer_of(node, "axis", 0) != 0 || !context.graph().is_constant(input_of(node, 1))) return std::nullopt;
  const auto indices = context.graph().constant(node.input(1));
  const auto positions = indices ? integers_in(*indices) : std::nullopt;
  if (!positions) return std::nullopt;
  OpenDims picked;
  for (std::int64_t position : *positions) {
    if (position < 0) position += static_cast<std::int64_t>(dims->size());
    if (position < 0 || std::cmp_greater_equal(position, dims->size())) return std::nullopt;
    picked.push_back((*dims)[static_cast<std::size_t>(position)]);
  }
  return all_of(picked, indices->shape);
}

std::optional<std::int64_t> only_integer(const onnx::NodeProto& node, const GraphView& graph, int input,
                                         std::string_view attribute) {
  const auto values =
      input_of(node, input).empty() ? integers_of(node, attribute) : constant_integers(graph, node.input(input));
  return values && values->size() == 1 ? std::optional(values->front()) : std::nullopt;
}

std::optional<Tensor> sliced(const onnx::NodeProto& node, PassContext& context) {
  const auto dims = dimensions_before(node, context);
  const GraphView& graph = context.graph();
  const auto start = only_integer(node, graph, 1, "starts");
  const auto end = only_integer(node, graph, 2, "ends");
  const bool forward = input_of(node, 4).empty() || only_integer(node, graph, 4, "") == 1;
  if (!dims || !start || !end || !forward) return std::nullopt;
  const auto count = static_cast<std::int64_t>(dims->size());
  const std::int64_t first = within(*start, count);
  const std::int64_t last = std::max(first, within(*end, count));
  const OpenDims picked(dims->begin() + first, dims->begin() + last);
  return all_of(picked, {last - first});
}

}  // namespace

std::optional<Tensor> known_dimensions(const onnx::NodeProto& node, PassContext& context) {
  if (is_op(node, "Gather")) return gathered(node, context);
  if (is_op(node, "Slice")) return sliced(node, context);
  if (is_op(node, "Size")) {
    const auto shape = context.shape(input_of(node, 0));
    const auto count = shape ? element_count(*shape) : std::nullopt;
    return count ? std::optional(tensor_of_integers({}, {static_cast<std::int64_t>(*count)})) : std::nullopt;
  }
  const auto dims = dimensions_of(node, context);
  return dims ? all_of(*dims, {static_cast<std::int64_t>(dims->size())}) : std::nullopt;
}

}  // namespace trtprof::passes
