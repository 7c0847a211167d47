#include "trtprof/optimize/passes/linear_layer.h"

#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

constexpr int kWeights = 1;
constexpr int kBias = 2;

std::string stem_of(const onnx::NodeProto& node, int input, std::string_view role) {
  const std::string& before = input_of(node, input);
  return before.empty() ? fmt::format("{}.{}", name_of(node), role) : before;
}

void replace_constant(GraphView& graph, onnx::NodeProto& node, int input, std::string_view role, const Tensor& tensor) {
  const std::string before = input_of(node, input);
  const std::string name = graph.add_initializer(to_proto(tensor, stem_of(node, input, role)));
  graph.set_input(node, input, name);
  if (!before.empty()) graph.remove_if_unused(before);
}

}  // namespace

bool LinearLayer::is_one(const onnx::NodeProto& node) {
  return is_one_of(node, {"Conv", "ConvTranspose", "Gemm", "MatMul"});
}

tl::expected<LinearLayer, std::string> LinearLayer::read(const GraphView& graph, onnx::NodeProto& node) {
  LinearLayer layer;
  layer.node_ = &node;
  layer.kind_ = is_op(node, "Conv")            ? Kind::conv
                : is_op(node, "ConvTranspose") ? Kind::conv_transpose
                : is_op(node, "Gemm")          ? Kind::gemm
                                               : Kind::matmul;
  if (auto why = layer.read_weights(graph)) return tl::unexpected(*std::move(why));
  if (auto why = layer.read_bias(graph)) return tl::unexpected(*std::move(why));
  return layer;
}

std::optional<std::string> LinearLayer::read_weights(const GraphView& graph) {
  const std::string who = call(*node_);
  if (!graph.is_constant(input_of(*node_, kWeights))) return fmt::format("the weights of {} are not a constant", who);
  auto numbers = constant_numbers(graph, node_->input(kWeights));
  if (!numbers) return fmt::format("the weights of {} cannot be read as numbers", who);
  type_ = numbers->type;
  if (type_ == ElementType::f16 || type_ == ElementType::bf16) {
    return fmt::format("the weights of {} are {}, which a second rounding would cost accuracy: fold before converting",
                       who, to_string(type_));
  }
  if (type_ != ElementType::f32 && type_ != ElementType::f64) {
    return fmt::format("the weights of {} are {}", who, to_string(type_));
  }
  shape_ = std::move(numbers->shape);
  weights_ = std::move(numbers->values);
  const std::size_t least_rank = kind_ == Kind::conv || kind_ == Kind::conv_transpose ? 3 : 2;
  if (shape_.size() < least_rank || weights_.empty()) {
    return fmt::format("the weights of {} have the shape {}", who, shape_to_string(shape_));
  }
  groups_ = least_rank == 3 ? static_cast<std::size_t>(integer_of(*node_, "group", 1)) : 1;
  for (std::size_t i = 2; least_rank == 3 && i < shape_.size(); ++i) kernel_ *= static_cast<std::size_t>(shape_[i]);
  transposed_ = kind_ == Kind::gemm && integer_of(*node_, "transB", 0) != 0;
  const bool outputs_first = kind_ == Kind::conv || transposed_;
  outputs_ = static_cast<std::size_t>(kind_ == Kind::conv_transpose ? shape_[1]
                                      : outputs_first               ? shape_[0]
                                                                    : shape_.back());
  if (kind_ == Kind::conv_transpose) outputs_ *= groups_;
  if (groups_ == 0 || outputs_ % groups_ != 0 ||
      (kind_ == Kind::conv_transpose && shape_[0] % static_cast<std::int64_t>(groups_) != 0)) {
    return fmt::format("the {} groups of {} do not divide its channels", groups_, who);
  }
  return std::nullopt;
}

std::optional<std::string> LinearLayer::read_bias(const GraphView& graph) {
  const std::string who = call(*node_);
  const std::string& name = kind_ == Kind::matmul ? std::string() : input_of(*node_, kBias);
  if (name.empty()) return std::nullopt;
  const auto numbers = constant_numbers(graph, name);
  if (!numbers) return fmt::format("the bias of {} is not a constant", who);
  const std::size_t count = numbers->values.size();
  const bool in_columns = !numbers->shape.empty() && std::cmp_equal(numbers->shape.back(), count);
  const bool by_output = in_columns && count == outputs_;
  if (count != 1 && !by_output) {
    return fmt::format("the bias of {} is not one number for each output", who);
  }
  const double beta = kind_ == Kind::gemm ? number_of(*node_, "beta", 1.0F) : 1.0;
  bias_.resize(outputs_);
  for (std::size_t i = 0; i < outputs_; ++i) bias_[i] = beta * numbers->values[count == 1 ? 0 : i];
  return std::nullopt;
}

std::size_t LinearLayer::output_channel(std::size_t weight) const {
  if (kind_ == Kind::conv || transposed_) return weight / (weights_.size() / outputs_);
  if (kind_ != Kind::conv_transpose) return weight % outputs_;
  const std::size_t outputs_of_group = outputs_ / groups_;
  const std::size_t inputs_of_group = static_cast<std::size_t>(shape_[0]) / groups_;
  const std::size_t input = weight / (kernel_ * outputs_of_group);
  return input / inputs_of_group * outputs_of_group + weight / kernel_ % outputs_of_group;
}

std::size_t LinearLayer::input_channels() const {
  return static_cast<std::size_t>(shape_[1]) * groups_;
}

std::size_t LinearLayer::input_channel(std::size_t weight) const {
  const auto inputs_of_group = static_cast<std::size_t>(shape_[1]);
  const std::size_t group = output_channel(weight) / (outputs_ / groups_);
  return group * inputs_of_group + weight / kernel_ % inputs_of_group;
}

void LinearLayer::scale_outputs(std::span<const double> factors) {
  for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] *= factors[output_channel(i)];
  for (std::size_t i = 0; i < bias_.size(); ++i) bias_[i] *= factors[i];
  weights_changed_ = true;
  bias_changed_ = bias_changed_ || !bias_.empty();
}

void LinearLayer::shift_outputs(std::span<const double> terms) {
  // Gemm multiplies by alpha what the weights give, not the bias; beta is in the bias already.
  bias_.resize(outputs_);
  for (std::size_t i = 0; i < outputs_; ++i) bias_[i] += terms[i];
  bias_changed_ = true;
}

void LinearLayer::take_input(std::span<const double> factors, std::span<const double> terms) {
  std::vector<double> added(outputs_);
  weights_changed_ = true;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    added[output_channel(i)] += weights_[i] * terms[input_channel(i)];
    weights_[i] *= factors[input_channel(i)];
  }
  for (const double term : added) {
    if (term != 0.0) return shift_outputs(added);
  }
}

std::optional<std::string> LinearLayer::store(GraphView& graph) const {
  const auto weights = tensor_of_numbers(type_, shape_, weights_);
  const auto bias = tensor_of_numbers(type_, {static_cast<std::int64_t>(outputs_)}, bias_);
  if ((weights_changed_ && !weights) || (bias_changed_ && !bias)) {
    return fmt::format("weights of {} would not be finite in {}", call(*node_), to_string(type_));
  }
  if (weights_changed_) replace_constant(graph, *node_, kWeights, "weight", *weights);
  if (!bias_changed_) return std::nullopt;
  replace_constant(graph, *node_, kBias, "bias", *bias);
  if (kind_ == Kind::gemm) remove_attribute(*node_, "beta");
  return std::nullopt;
}

}  // namespace trtprof::passes
