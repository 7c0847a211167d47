#include "trtprof/optimize/calibrate/layer_bias.h"

#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/optimize/passes/linear_layer.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::quantization {
namespace {

using passes::LinearLayer;

// One number for each of `channels`, or one for all.
bool adds_by_channel(const passes::Numbers& numbers, std::size_t channels) {
  if (numbers.type != ElementType::f32) return false;
  const std::size_t count = numbers.values.size();
  return count == 1 || (count == channels && std::cmp_equal(numbers.shape.back(), count));
}

}  // namespace

bool LayerBias::is_of(const onnx::NodeProto& node) {
  return LinearLayer::is_one(node);
}

tl::expected<LayerBias, std::string> LayerBias::find(const GraphView& graph, onnx::NodeProto& node) {
  const auto layer = LinearLayer::read(graph, node);
  if (!layer) return tl::unexpected(layer.error());
  LayerBias bias(node);
  if (layer->takes_bias()) return bias;
  bias.add_ = passes::only_reader(graph, node.output(0));
  if (bias.add_ == nullptr || !passes::is_op(*bias.add_, "Add")) {
    return tl::unexpected(std::string("nothing behind it adds a constant"));
  }
  bias.constant_ = passes::input_of(*bias.add_, 0) == node.output(0) ? 1 : 0;
  const auto numbers = passes::constant_numbers(graph, passes::input_of(*bias.add_, bias.constant_));
  if (!numbers || !adds_by_channel(*numbers, layer->output_channels())) {
    return tl::unexpected(std::string("nothing behind it adds a constant for each channel"));
  }
  return bias;
}

std::optional<std::string> LayerBias::shift(GraphView& graph, std::span<const double> terms) const {
  auto layer = LinearLayer::read(graph, *node_);
  if (!layer) return layer.error();
  if (layer->output_channels() != terms.size()) {
    return fmt::format("{} has {} output channels, and {} shifts are given", passes::call(*node_),
                       layer->output_channels(), terms.size());
  }
  if (add_ == nullptr) {
    layer->shift_outputs(terms);
    return layer->store(graph);
  }
  const std::string name = passes::input_of(*add_, constant_);
  auto numbers = passes::constant_numbers(graph, name);
  if (!numbers || !adds_by_channel(*numbers, terms.size())) {
    return fmt::format("what {} adds is not one number for each channel", passes::call(*add_));
  }
  std::vector<std::int64_t> shape = numbers->shape;
  if (shape.empty()) shape.push_back(1);
  shape.back() = static_cast<std::int64_t>(terms.size());
  std::vector<double> sums(terms.begin(), terms.end());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += numbers->values[numbers->values.size() == 1 ? 0 : i];
  const auto tensor = passes::tensor_of_numbers(ElementType::f32, shape, sums);
  if (!tensor) return fmt::format("what {} adds would not be finite", passes::call(*add_));
  graph.set_input(*add_, constant_, graph.add_initializer(passes::to_proto(*tensor, name)));
  graph.remove_if_unused(name);
  return std::nullopt;
}

}  // namespace trtprof::quantization
