#include "trtprof/cost/inspector_facts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <map>
#include <utility>

namespace trtprof {

namespace {

using Dims = std::vector<std::int64_t>;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::vector<TensorFacts> facts_of(const std::vector<InspectedTensor>& tensors) {
  std::vector<TensorFacts> facts;
  facts.reserve(tensors.size());
  for (const InspectedTensor& tensor : tensors) {
    facts.push_back({tensor.shape, tensor.type, tensor.constant, tensor.name});
  }
  return facts;
}

OperatorFacts operator_on(const LayerFacts& layer, std::string op_type, std::string domain = {}) {
  OperatorFacts facts;
  facts.op_type = std::move(op_type);
  facts.domain = std::move(domain);
  facts.layer_class = facts.domain.empty() ? class_of_onnx_op(facts.op_type) : LayerClass::opaque;
  facts.inputs.assign(layer.inputs.begin(), layer.inputs.end());
  facts.outputs.assign(layer.outputs.begin(), layer.outputs.end());
  return facts;
}

// Works in place on the result of the operator before it.
OperatorFacts follow_up(const LayerFacts& layer, std::string op_type, std::string domain = {}) {
  OperatorFacts facts = operator_on(layer, std::move(op_type), std::move(domain));
  facts.inputs = facts.outputs;
  for (auto& tensor : facts.inputs) {
    tensor->name.clear();
  }
  return facts;
}

std::optional<TensorFacts> constant_of(const std::optional<InspectedWeights>& weights, const Dims& shape) {
  return weights ? std::optional(TensorFacts{shape, weights->type, true, {}}) : std::nullopt;
}

void add_activation(const std::string& activation, LayerFacts& facts) {
  static const std::map<std::string, std::string> onnx_words{
      {"RELU", "Relu"},
      {"CLIPPED_RELU", "Clip"},
      {"CLIP", "Clip"},
      {"SIGMOID", "Sigmoid"},
      {"TANH", "Tanh"},
      {"LEAKY_RELU", "LeakyRelu"},
      {"ELU", "Elu"},
      {"SELU", "Selu"},
      {"SOFTPLUS", "Softplus"},
      {"SOFTSIGN", "Softsign"},
      {"HARD_SIGMOID", "HardSigmoid"},
  };
  if (activation.empty()) {
    return;
  }
  const auto found = onnx_words.find(activation);
  facts.operators.push_back(found != onnx_words.end() ? follow_up(facts, found->second)
                                                      : follow_up(facts, activation, kEngineDomain));
}

// Convolution and deconvolution, with bias, residual and activation in one kernel.
void explain_convolution(const InspectedLayer& layer, bool transposed, LayerFacts& facts) {
  OperatorFacts convolution = operator_on(facts, transposed ? "ConvTranspose" : "Conv");
  const InspectedParameters& parameters = layer.parameters;
  convolution.kernel = parameters.kernel;
  convolution.strides = parameters.strides;
  convolution.dilations = parameters.dilations;
  convolution.groups = parameters.groups;
  const std::int64_t maps = parameters.out_maps;
  convolution.inputs.resize(parameters.dynamic_filter ? 2 : 1);
  const auto& data = facts.inputs.empty() ? std::nullopt : facts.inputs.front().shape;
  if (!parameters.dynamic_filter && data && data->size() >= 3) {
    const std::int64_t channels = (*data)[1];
    Dims shape = transposed ? Dims{channels, maps / convolution.groups} : Dims{maps, channels / convolution.groups};
    shape.insert(shape.end(), convolution.kernel.begin(), convolution.kernel.end());
    convolution.inputs.push_back(constant_of(parameters.weights, shape));
    convolution.inputs.push_back(constant_of(parameters.bias, {maps}));
    if (!transposed && is_depthwise_convolution(layer)) {
      convolution.layer_class = LayerClass::depthwise_convolution;
    }
  }
  facts.operators.push_back(std::move(convolution));
  if (parameters.residual) {
    facts.operators.push_back(follow_up(facts, "Add"));
  }
  add_activation(parameters.activation, facts);
}

void explain_pooling(const InspectedLayer& layer, LayerFacts& facts) {
  const std::string& type = layer.parameters.pooling_type;
  const bool known = type == "AVERAGE" || type == "MAX";
  OperatorFacts pooling = known ? operator_on(facts, type == "MAX" ? "MaxPool" : "AveragePool")
                                : operator_on(facts, "Pooling " + type, kEngineDomain);
  pooling.kernel = layer.parameters.kernel;
  pooling.strides = layer.parameters.strides;
  facts.operators = {std::move(pooling)};
}

// A matrix product names no transpositions: those that make A B have the result's last two dimensions, plainest first.
std::optional<std::pair<bool, bool>> transpositions(const Dims& a, const Dims& b, const Dims& result) {
  if (a.size() < 2 || b.size() < 2 || result.size() < 2) {
    return std::nullopt;
  }
  for (const auto& [ta, tb] :
       std::array<std::pair<bool, bool>, 4>{{{false, false}, {false, true}, {true, false}, {true, true}}}) {
    const std::int64_t rows = a[a.size() - (ta ? 1 : 2)];
    const std::int64_t inner = a[a.size() - (ta ? 2 : 1)];
    const std::int64_t b_inner = b[b.size() - (tb ? 1 : 2)];
    const std::int64_t columns = b[b.size() - (tb ? 2 : 1)];
    if (inner == b_inner && rows == result[result.size() - 2] && columns == result.back()) {
      return std::pair(ta, tb);
    }
  }
  return std::nullopt;
}

// Myelin's "gemm": A, B, then the scalars alpha and beta, which are arguments of the launch and no traffic, and a bias.
void explain_gemm(LayerFacts& facts) {
  const auto is_scalar = [](const TensorFacts& tensor) {
    return tensor.constant && tensor.shape && element_count(*tensor.shape) == 1;
  };
  std::erase_if(facts.inputs, is_scalar);
  const bool shaped = facts.inputs.size() >= 2 && facts.outputs.size() == 1 && facts.inputs[0].shape &&
                      facts.inputs[1].shape && facts.outputs[0].shape;
  const auto how =
      shaped ? transpositions(*facts.inputs[0].shape, *facts.inputs[1].shape, *facts.outputs[0].shape) : std::nullopt;
  if (!how) {
    facts.operators = {operator_on(facts, "gemm", kEngineDomain)};
    return;
  }
  OperatorFacts product = operator_on(facts, facts.inputs[0].shape->size() == 2 ? "Gemm" : "MatMul");
  product.attributes["transA"] = std::int64_t{how->first};
  product.attributes["transB"] = std::int64_t{how->second};
  product.layer_class = facts.inputs[1].constant ? LayerClass::fully_connected : LayerClass::matmul;
  facts.operators = {std::move(product)};
}

void explain(const InspectedLayer& layer, LayerFacts& facts) {
  static const std::map<std::string, std::string> onnx_words{
      {"reformat", "Cast"},        {"cast", "Cast"},        {"noop", "Identity"},
      {"identity", "Identity"},    {"shape_call", "Shape"}, {"constant", "Constant"},
      {"shuffle", "Transpose"},    {"slice", "Slice"},      {"gather", "Gather"},
      {"concatenation", "Concat"}, {"softmax", "Softmax"},
  };
  const std::string type = lower_case(layer.parameter_type.empty() ? layer.layer_type : layer.parameter_type);
  if (type == "convolution" || type == "deconvolution") {
    // CaskDeconvolutionV2 has the parameters of a "Convolution".
    const bool transposed = lower_case(layer.layer_type).find("deconvolution") != std::string::npos;
    explain_convolution(layer, transposed || type == "deconvolution", facts);
  } else if (type == "pooling") {
    explain_pooling(layer, facts);
  } else if (type == "gemm" || type == "matrixmultiply") {
    explain_gemm(facts);
  } else if (const auto found = onnx_words.find(type); found != onnx_words.end()) {
    facts.operators = {operator_on(facts, found->second)};
  } else {
    facts.operators = {operator_on(facts, layer.layer_type, kEngineDomain)};
  }
}

InspectorLayer layer_of(const InspectedLayer& layer) {
  InspectorLayer result{layer.name, layer.layer_type, layer.onnx_nodes, {}};
  if (!layer.detailed) {
    result.facts.unknown_reason = "the engine was built without ProfilingVerbosity::kDETAILED and tells names only";
    return result;
  }
  result.facts.inputs = facts_of(layer.inputs);
  result.facts.outputs = facts_of(layer.outputs);
  explain(layer, result.facts);
  return result;
}

// A convolution with an activation of unknown name stays: its weights are its own, not among the layer's inputs.
bool is_opaque(const InspectorLayer& layer) {
  return layer.facts.operators.size() == 1 && layer.facts.operators.front().domain == kEngineDomain;
}

}  // namespace

std::vector<InspectorLayer> inspector_layers(const InspectedEngine& engine) {
  std::vector<InspectorLayer> layers;
  layers.reserve(engine.layers.size());
  std::ranges::transform(engine.layers, std::back_inserter(layers), layer_of);
  return layers;
}

Result<std::vector<InspectorLayer>> inspector_layers(std::string_view json, std::string_view source) {
  return parse_engine_inspector(json, source).map([](const InspectedEngine& engine) {
    return inspector_layers(engine);
  });
}

void explain_opaque_layers(std::vector<InspectorLayer>& layers, const OnnxOperators& operators) {
  std::map<std::string, int> claims;
  for (const InspectorLayer& layer : layers) {
    for (const std::string& node : layer.onnx_nodes) {
      ++claims[node];
    }
  }
  for (InspectorLayer& layer : layers) {
    const bool shared =
        std::ranges::any_of(layer.onnx_nodes, [&](const std::string& node) { return claims[node] > 1; });
    if (layer.onnx_nodes.empty() || shared || !is_opaque(layer)) {
      continue;
    }
    std::vector<std::string> missing;
    std::vector<OperatorFacts> found = operators.find(layer.onnx_nodes, &missing);
    if (found.empty() || !missing.empty()) {
      continue;
    }
    for (OperatorFacts& facts : found) {  // the layer's own inputs list what it reads
      for (auto& tensor : facts.inputs) {
        if (tensor) {
          tensor->constant = false;
        }
      }
    }
    layer.facts.operators = std::move(found);
  }
}

}  // namespace trtprof
