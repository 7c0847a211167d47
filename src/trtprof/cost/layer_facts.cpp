#include "trtprof/cost/layer_facts.h"

#include <algorithm>
#include <utility>

namespace trtprof {
namespace {

bool has_weights(const OperatorFacts& facts) {
  switch (facts.layer_class) {
    case LayerClass::convolution:
    case LayerClass::depthwise_convolution:
    case LayerClass::deconvolution:
    case LayerClass::fully_connected:
    case LayerClass::matmul:
      return true;
    default:
      return false;
  }
}

}  // namespace

TensorFacts facts_of(const TensorDesc& tensor) {
  TensorFacts facts;
  facts.name = tensor.name;
  facts.type = element_type_from_string(tensor.element_type).value_or(ElementType::unknown);
  // An unknown rank is an empty shape without a size; a scalar has one.
  if (!tensor.shape.empty() || tensor.bytes) facts.shape = tensor.shape;
  return facts;
}

LayerFacts tensors_of(const Layer& layer) {
  LayerFacts facts;
  for (const TensorDesc& tensor : layer.inputs) facts.inputs.push_back(facts_of(tensor));
  for (const TensorDesc& tensor : layer.outputs) facts.outputs.push_back(facts_of(tensor));
  return facts;
}

OperatorFacts whole_layer_as(const LayerFacts& layer, std::string op_type, std::string domain, LayerClass layer_class) {
  OperatorFacts facts;
  facts.op_type = std::move(op_type);
  facts.domain = std::move(domain);
  facts.layer_class = layer_class;
  facts.inputs.assign(layer.inputs.begin(), layer.inputs.end());
  facts.outputs.assign(layer.outputs.begin(), layer.outputs.end());
  return facts;
}

bool is_float(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16;
}

NodeClaims claims_of(const std::vector<Layer>& layers) {
  NodeClaims claims;
  for (const Layer& layer : layers) {
    for (const OriginNode& node : layer.origin_nodes) ++claims[node.name];
  }
  return claims;
}

OriginOperators operators_of(const Layer& layer, const OnnxOperators& model, const NodeClaims& claims) {
  std::vector<std::string> names;
  bool shared = false;
  for (const OriginNode& node : layer.origin_nodes) {
    names.push_back(node.name);
    shared = shared || claims.at(node.name) > 1;
  }
  std::vector<std::string> missing;
  OriginOperators origin;
  origin.operators = model.find(names, &missing);
  origin.whole = !shared && missing.empty() && !origin.operators.empty();
  return origin;
}

void drop_folded_normalizations(std::vector<OperatorFacts>& operators) {
  if (std::ranges::any_of(operators, has_weights)) {
    std::erase_if(operators, [](const OperatorFacts& facts) { return facts.op_type == "BatchNormalization"; });
  }
}

}  // namespace trtprof
