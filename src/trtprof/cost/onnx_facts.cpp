#include "trtprof/cost/onnx_facts.h"

#include <set>
#include <utility>

namespace trtprof {

namespace {

using Dims = std::vector<std::int64_t>;

std::optional<Dims> shape_of(const ValueInfo& value) {
  if (!value.shape) {
    return std::nullopt;
  }
  Dims dims;
  for (const Dimension& dimension : *value.shape) {
    dims.push_back(dimension.value.value_or(-1));
  }
  return dims;
}

TensorFacts facts_of(const ValueInfo& value, bool constant) {
  return {shape_of(value), value.type, constant, value.name};
}

void refine(TensorTable& tensors, const ValueInfo& value) {
  const auto [place, added] = tensors.try_emplace(value.name, facts_of(value, false));
  if (added) {
    return;
  }
  TensorFacts& facts = place->second;
  if (value.type != ElementType::unknown) {
    facts.type = value.type;
  }
  if (const auto shape = shape_of(value)) {
    facts.shape = shape;
  }
}

std::optional<TensorFacts> operand(const std::string& name, const TensorTable& tensors) {
  if (name.empty()) {
    return std::nullopt;
  }
  const auto found = tensors.find(name);
  return found != tensors.end() ? found->second : TensorFacts{std::nullopt, ElementType::unknown, false, name};
}

Dims ints(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  const auto* values = found == attributes.end() ? nullptr : std::get_if<Dims>(&found->second);
  return values == nullptr ? Dims{} : *values;
}

bool constant_input(const OperatorFacts& facts, std::size_t index) {
  return index < facts.inputs.size() && facts.inputs[index] && facts.inputs[index]->constant;
}

bool is_depthwise(const OperatorFacts& facts, std::size_t weight_index) {
  if (facts.groups < 2 || facts.inputs.size() <= weight_index || !facts.inputs[weight_index] ||
      !facts.inputs[weight_index]->shape || facts.inputs[weight_index]->shape->size() < 2) {
    return false;
  }
  return (*facts.inputs[weight_index]->shape)[1] == 1;  // input channels of a group
}

LayerClass class_of(const OperatorFacts& facts) {
  const LayerClass layer_class = class_of_onnx_op(facts.op_type);
  const std::size_t weight = facts.op_type == "QLinearConv" || facts.op_type == "QLinearMatMul" ? 3 : 1;
  if (layer_class == LayerClass::convolution && is_depthwise(facts, weight)) {
    return LayerClass::depthwise_convolution;
  }
  return layer_class == LayerClass::matmul && constant_input(facts, weight) ? LayerClass::fully_connected : layer_class;
}

}  // namespace

TensorTable tensor_table(const Graph& graph, const std::vector<ValueInfo>& inferred) {
  TensorTable tensors;
  for (const ValueInfo& value : graph.initializers) {
    tensors.emplace(value.name, facts_of(value, true));
  }
  for (const auto* values : {&graph.inputs, &graph.outputs, &inferred}) {
    for (const ValueInfo& value : *values) {
      refine(tensors, value);
    }
  }
  for (const GraphNode& node : graph.nodes) {
    if (node.op_type == "Constant" && node.domain.empty() && !node.outputs.empty()) {
      const auto found = tensors.find(node.outputs.front());
      if (found != tensors.end()) {
        found->second.constant = true;
      }
    }
  }
  return tensors;
}

OperatorFacts onnx_facts(const GraphNode& node, const TensorTable& tensors) {
  OperatorFacts facts;
  facts.op_type = node.op_type;
  facts.domain = node.domain == "ai.onnx" ? "" : node.domain;
  for (const std::string& name : node.inputs) {
    facts.inputs.push_back(operand(name, tensors));
  }
  for (const std::string& name : node.outputs) {
    facts.outputs.push_back(operand(name, tensors));
  }
  facts.attributes = node.attributes;
  facts.kernel = ints(node.attributes, "kernel_shape");
  facts.strides = ints(node.attributes, "strides");
  facts.dilations = ints(node.attributes, "dilations");
  if (const auto group = node.attributes.find("group"); group != node.attributes.end()) {
    if (const auto* value = std::get_if<std::int64_t>(&group->second)) {
      facts.groups = *value;
    }
  }
  facts.layer_class = class_of(facts);
  return facts;
}

OnnxOperators::OnnxOperators(const Graph& graph, TensorTable tensors) : graph_(graph), tensors_(std::move(tensors)) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    by_name_.emplace(graph.nodes[i].display_name(), i);
  }
}

std::vector<OperatorFacts> OnnxOperators::find(const std::vector<std::string>& names,
                                               std::vector<std::string>* missing) const {
  std::set<std::size_t> indices;
  for (const std::string& name : names) {
    const auto [first, last] = by_name_.equal_range(name);
    if (first == last && missing != nullptr) {
      missing->push_back(name);
    }
    // A repeated name is one node only where it is told apart; which one a layer means is not known otherwise.
    if (first != last && std::next(first) == last) {
      indices.insert(first->second);
    } else if (first != last && missing != nullptr) {
      missing->push_back(name);
    }
  }
  std::vector<OperatorFacts> operators;
  operators.reserve(indices.size());
  for (const std::size_t index : indices) {
    operators.push_back(onnx_facts(graph_.nodes[index], tensors_));
  }
  return operators;
}

}  // namespace trtprof
