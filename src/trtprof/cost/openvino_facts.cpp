#include "trtprof/cost/openvino_facts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "trtprof/cost/layer_facts.h"

namespace trtprof {

namespace {

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

LayerFacts facts_of_layer(const Layer& layer, const OnnxOperators& graph, const NodeClaims& claims) {
  LayerFacts facts = tensors_of(layer);
  if (layer.origin_nodes.empty()) {
    facts.operators = {inserted_operator(layer, facts)};
    return facts;
  }
  OriginOperators origin = operators_of(layer, graph, claims);
  mark_weights(facts, element_type_from_string(layer.precision), origin.operators);
  if (!origin.whole) {
    facts.operators = {whole_layer_as(facts, layer.engine_type, kEngineDomain, layer.layer_class)};
    return facts;
  }
  drop_folded_normalizations(origin.operators);
  keep_arithmetic_only(origin.operators);
  facts.operators = std::move(origin.operators);
  return facts;
}

}  // namespace

std::vector<LayerFacts> openvino_layers(const std::vector<Layer>& layers, const OnnxOperators& operators) {
  const NodeClaims claims = claims_of(layers);
  std::vector<LayerFacts> facts;
  facts.reserve(layers.size());
  for (const Layer& layer : layers) facts.push_back(facts_of_layer(layer, operators, claims));
  return facts;
}

}  // namespace trtprof
