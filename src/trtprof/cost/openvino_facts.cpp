#include "trtprof/cost/openvino_facts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace trtprof {

namespace {

TensorFacts facts_of(const TensorDesc& tensor) {
  TensorFacts facts;
  facts.name = tensor.name;
  facts.type = element_type_from_string(tensor.element_type).value_or(ElementType::unknown);
  // An unknown rank is an empty shape without a size; a scalar has one.
  if (!tensor.shape.empty() || tensor.bytes) {
    facts.shape = tensor.shape;
  }
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

// What a layer that no ONNX node asked for does, by its OpenVINO type.
OperatorFacts inserted_operator(const Layer& layer, const LayerFacts& facts) {
  static const std::map<std::string, std::string> onnx_words{
      {"Reorder", "Cast"},        {"Convert", "Cast"},        {"Reshape", "Reshape"},      {"Squeeze", "Squeeze"},
      {"Unsqueeze", "Unsqueeze"}, {"Transpose", "Transpose"}, {"Concatenation", "Concat"}, {"Concat", "Concat"},
      {"Split", "Split"},         {"VariadicSplit", "Split"}, {"Broadcast", "Expand"},
  };
  const auto found = onnx_words.find(layer.engine_type);
  return found != onnx_words.end() ? whole_layer_as(facts, found->second, "", layer.layer_class)
                                   : whole_layer_as(facts, layer.engine_type, kEngineDomain, layer.layer_class);
}

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

void drop_folded_normalizations(std::vector<OperatorFacts>& operators) {
  if (std::ranges::any_of(operators, has_weights)) {
    std::erase_if(operators, [](const OperatorFacts& facts) { return facts.op_type == "BatchNormalization"; });
  }
}

bool is_float(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16;
}

// The engine's weights by their element counts; from the last input, since data comes first.
void mark_weights(LayerFacts& layer, std::optional<ElementType> precision,
                  const std::vector<OperatorFacts>& operators) {
  std::multimap<std::uint64_t, bool> counts;
  for (const OperatorFacts& facts : operators) {
    for (const auto& tensor : facts.inputs) {
      const auto count = tensor && tensor->constant && tensor->shape ? element_count(*tensor->shape) : std::nullopt;
      if (count) {
        counts.emplace(*count, true);
      }
    }
  }
  for (std::size_t i = layer.inputs.size(); i-- > 1;) {
    TensorFacts& tensor = layer.inputs[i];
    const auto count = tensor.shape ? element_count(*tensor.shape) : std::nullopt;
    const auto match = count ? counts.find(*count) : counts.end();
    if (match == counts.end()) {
      continue;
    }
    counts.erase(match);
    tensor.constant = true;
    if (precision && is_float(*precision) && is_float(tensor.type) && bits_of(*precision) < bits_of(tensor.type)) {
      tensor.type = *precision;
    }
  }
}

// The layer's own inputs list the weights: those of the ONNX nodes, in other types and before folding, do not count.
void keep_arithmetic_only(std::vector<OperatorFacts>& operators) {
  for (OperatorFacts& facts : operators) {
    for (auto& tensor : facts.inputs) {
      if (tensor) {
        tensor->constant = false;
      }
    }
  }
}

LayerFacts facts_of_layer(const Layer& layer, const OnnxOperators& graph, const std::map<std::string, int>& claims) {
  LayerFacts facts;
  for (const TensorDesc& tensor : layer.inputs) {
    facts.inputs.push_back(facts_of(tensor));
  }
  for (const TensorDesc& tensor : layer.outputs) {
    facts.outputs.push_back(facts_of(tensor));
  }
  if (layer.origin_nodes.empty()) {
    facts.operators = {inserted_operator(layer, facts)};
    return facts;
  }
  std::vector<std::string> names;
  bool shared = false;
  for (const OriginNode& node : layer.origin_nodes) {
    names.push_back(node.name);
    shared = shared || claims.at(node.name) > 1;
  }
  std::vector<std::string> missing;
  std::vector<OperatorFacts> operators = graph.find(names, &missing);
  mark_weights(facts, element_type_from_string(layer.precision), operators);
  if (shared || !missing.empty() || operators.empty()) {
    facts.operators = {whole_layer_as(facts, layer.engine_type, kEngineDomain, layer.layer_class)};
    return facts;
  }
  drop_folded_normalizations(operators);
  keep_arithmetic_only(operators);
  facts.operators = std::move(operators);
  return facts;
}

}  // namespace

std::vector<LayerFacts> openvino_layers(const std::vector<Layer>& layers, const OnnxOperators& operators) {
  std::map<std::string, int> claims;
  for (const Layer& layer : layers) {
    for (const OriginNode& node : layer.origin_nodes) {
      ++claims[node.name];
    }
  }
  std::vector<LayerFacts> facts;
  facts.reserve(layers.size());
  for (const Layer& layer : layers) {
    facts.push_back(facts_of_layer(layer, operators, claims));
  }
  return facts;
}

}  // namespace trtprof
