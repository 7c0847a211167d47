#include "trtprof/optimize/calibrate/quantize.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/model/walk.h"
#include "trtprof/optimize/calibrate/quantization_plan.h"
#include "trtprof/optimize/calibrate/quantized_weights.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"
#include "trtprof/optimize/precision/name_pattern.h"

namespace trtprof {
namespace {

using quantization::PlannedValue;
using quantization::PlannedWeights;
using quantization::QuantizationPlan;

template <class Value>
Tensor tensor_of(ElementType type, std::vector<std::int64_t> shape, const std::vector<Value>& values) {
  Tensor tensor{type, std::move(shape), std::vector<std::byte>(values.size() * sizeof(Value))};
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

// One number for a group of values.
struct ActivationScale {
  float scale = 1.0F;
  bool is_unsigned = false;
};

class Quantizer {
 public:
  Quantizer(OnnxModel model, const Calibration& calibration, const QuantizeOptions& options)
      : model_(std::move(model)), calibration_(calibration), options_(options), context_(model_, nullptr, {}) {
    constexpr std::int64_t initializers_need_not_be_inputs = 4;
    onnx::ModelProto& proto = model_.mutable_proto();
    proto.set_ir_version(std::max<std::int64_t>(proto.ir_version(), initializers_need_not_be_inputs));
  }

  Result<QuantizedModel> run() {
    QuantizationPlan plan = quantization::plan_quantization(context_, options_, &calibration_);
    report_.left = std::move(plan.left);
    note_what_is_out_of_reach();
    std::map<const onnx::NodeProto*, std::uint64_t> elements;
    for (const PlannedWeights& weights : plan.weights) {
      auto count = store_weights(weights);
      if (!count) return forward_error(count);
      elements[weights.node] = *count;
    }
    const std::vector<ActivationScale> scales = scales_of(plan);
    for (const PlannedValue& value : plan.values) {
      if (const Status added = add_pair(value, scales[value.group]); !added) return forward_error(added);
    }
    for (const onnx::NodeProto* node : plan.nodes) {
      report_.quantized.push_back({passes::name_of(*node), node->op_type(), elements[node]});
    }
    report_.activations = static_cast<int>(plan.values.size());
    return QuantizedModel{std::move(model_), std::move(report_)};
  }

 private:
  GraphView& graph() { return context_.graph(); }

  void note_what_is_out_of_reach() {
    for (const std::string& op : options_.keep_ops) {
      const auto is_one = [&](const onnx::NodeProto* node) { return node->op_type() == op; };
      if (std::ranges::none_of(graph().nodes(), is_one)) {
        report_.notes.push_back(fmt::format("no node is a {}, which was to be kept", printable(op)));
      }
    }
    int inner = 0;
    for_each_node(model_.proto(), [&](const onnx::NodeProto& node, const std::string& path) {
      const bool quantises = passes::is_one_of(node, {"Conv", "ConvTranspose", "Gemm", "MatMul"});
      if (!path.empty() && quantises) ++inner;
    });
    if (inner == 0) return;
    report_.notes.push_back(inner == 1
                                ? "1 convolution or matrix product in subgraphs stays in floating point"
                                : fmt::format("{} convolutions and matrix products in subgraphs stay in floating "
                                              "point",
                                              inner));
  }

  // The largest threshold of each group: nothing of any of its values is clipped that its own method would keep.
  [[nodiscard]] std::vector<ActivationScale> scales_of(const QuantizationPlan& plan) const {
    std::vector<double> thresholds(plan.groups, 0.0);
    std::vector<double> least(plan.groups, 0.0);
    for (const PlannedValue& value : plan.values) {
      const CalibratedValue& seen = calibration_.values.at(value.value);
      thresholds[value.group] = std::max(thresholds[value.group], seen.threshold);
      least[value.group] = std::min(least[value.group], seen.min);
    }
    std::vector<ActivationScale> scales;
    for (std::size_t i = 0; i < plan.groups; ++i) {
      const bool is_unsigned = options_.unsigned_activations && least[i] >= 0.0;
      const double scale = thresholds[i] / (is_unsigned ? 255.0 : 127.0);
      scales.push_back({options_.scale_type ? quantization::half_scale(scale, *options_.scale_type)
                                            : std::max(static_cast<float>(scale), quantization::least_scale({})),
                        is_unsigned});
    }
    return scales;
  }

  // Returns the number of elements.
  Result<std::uint64_t> store_weights(const PlannedWeights& planned) {
    const std::string name = passes::input_of(*planned.node, planned.input);
    const auto key = std::pair(name, planned.axis);
    if (const auto stored = stored_.find(key); stored != stored_.end()) {
      graph().set_input(*planned.node, planned.input, stored->second.first);
      return stored->second.second;
    }
    const auto numbers = passes::constant_numbers(graph(), name);
    if (!numbers) return fail(fmt::format("the weights '{}' cannot be read", printable(name)));
    const auto weights =
        quantization::quantize_weights(numbers->values, numbers->shape, planned.axis, options_.scale_type);
    if (!weights) return fail(fmt::format("the weights '{}' have values that are not finite", printable(name)));
    const std::string integers = graph().add_initializer(
        passes::to_proto(tensor_of(ElementType::i8, numbers->shape, weights->values), name + "_quantized"));
    std::vector<std::int64_t> shape;
    if (planned.axis) shape.push_back(static_cast<std::int64_t>(weights->scales.size()));
    const std::string scale =
        graph().add_initializer(passes::to_proto(tensor_of(ElementType::f32, shape, weights->scales), name + "_scale"));
    onnx::NodeProto node = new_node("DequantizeLinear", name, {integers, scale}, name + "_dequantized");
    if (planned.axis) passes::set_integer(node, "axis", static_cast<std::int64_t>(*planned.axis));
    if (const auto placed = graph().insert_before(*graph().nodes().front(), node); !placed) {
      return forward_error(placed);
    }
    const std::uint64_t count = weights->values.size();
    report_.weight_bytes_before += count * sizeof(float);
    report_.weight_bytes_after += count + weights->scales.size() * sizeof(float);
    graph().set_input(*planned.node, planned.input, node.output(0));
    graph().remove_if_unused(name);
    stored_[key] = {node.output(0), count};
    return count;
  }

  onnx::NodeProto new_node(const std::string& op_type, const std::string& value, const std::vector<std::string>& inputs,
                           const std::string& output) {
    onnx::NodeProto node;
    node.set_op_type(op_type);
    node.set_name(graph().unique_name(value + "_" + op_type));
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(graph().unique_name(output));
    return node;
  }

  // Without a zero point QuantizeLinear makes UINT8.
  const std::string& zero_point(bool is_unsigned) {
    std::string& name = zero_points_[is_unsigned];
    if (name.empty()) {
      const Tensor zero{is_unsigned ? ElementType::u8 : ElementType::i8, {}, {std::byte{0}}};
      name = graph().add_initializer(passes::to_proto(zero, is_unsigned ? "zero_point_u8" : "zero_point_i8"));
    }
    return name;
  }

  Status add_pair(const PlannedValue& value, const ActivationScale& scale) {
    const std::string& name = value.value;
    const std::string factor = graph().add_initializer(
        passes::to_proto(tensor_of(ElementType::f32, {}, std::vector<float>{scale.scale}), name + "_scale"));
    const std::string zero = zero_point(scale.is_unsigned);
    const auto quantize = new_node("QuantizeLinear", name, {name, factor, zero}, name + "_quantized");
    onnx::NodeProto* producer = graph().producer(name);
    const auto first = producer != nullptr ? graph().insert_after(*producer, quantize)
                                           : graph().insert_before(*graph().nodes().front(), quantize);
    if (!first) return forward_error(first);
    const auto dequantize =
        new_node("DequantizeLinear", name, {quantize.output(0), factor, zero}, name + "_dequantized");
    const auto second = graph().insert_after(**first, dequantize);
    if (!second) return forward_error(second);
    for (const quantization::NodeInput& read : value.reads) {
      graph().set_input(*read.node, read.input, dequantize.output(0));
    }
    return {};
  }

  OnnxModel model_;
  const Calibration& calibration_;
  const QuantizeOptions& options_;
  PassContext context_;
  QuantizationReport report_;
  std::map<std::pair<std::string, std::optional<std::size_t>>, std::pair<std::string, std::uint64_t>> stored_;
  std::map<bool, std::string> zero_points_;
};

// A name that keeps nothing is a slip of the pen, and would cost the accuracy that it was to save.
Status check_kept_names(PassContext& context, const QuantizeOptions& options) {
  for (const std::string& pattern : options.keep_nodes) {
    const auto matches = [&](const onnx::NodeProto* node) {
      return precision::matches_pattern(passes::name_of(*node), pattern);
    };
    if (std::ranges::none_of(context.graph().nodes(), matches)) {
      return fail(fmt::format("no node is named '{}'", printable(pattern)));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> values_to_calibrate(const OnnxModel& model, const QuantizeOptions& options) {
  OnnxModel copy = model.clone();
  PassContext context(copy, nullptr, {});
  if (const Status known = check_kept_names(context, options); !known) return forward_error(known);
  return quantization::plan_quantization(context, options, nullptr).considered;
}

Result<QuantizedModel> quantize(const OnnxModel& model, const Calibration& calibration,
                                const QuantizeOptions& options) {
  OnnxModel copy = model.clone();
  PassContext context(copy, nullptr, {});
  if (context.opset() < kQuantizeOpset) {
    return fail(
        fmt::format("operator set {} has no scales by channel, operator set {} has", context.opset(), kQuantizeOpset));
  }
  if (const Status known = check_kept_names(context, options); !known) return forward_error(known);
  return Quantizer(std::move(copy), calibration, options).run();
}

}  // namespace trtprof
