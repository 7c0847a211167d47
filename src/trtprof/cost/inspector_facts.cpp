#include "trtprof/cost/inspector_facts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trtprof {

namespace {

using nlohmann::json;
using Dims = std::vector<std::int64_t>;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t int_of(const json& object, const char* key, std::int64_t fallback) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : fallback;
}

std::optional<Dims> ints_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) {
    return std::nullopt;
  }
  Dims dims;
  for (const json& value : *found) {
    if (!value.is_number_integer()) {
      return std::nullopt;
    }
    dims.push_back(value.get<std::int64_t>());
  }
  return dims;
}

TensorFacts tensor_of(const json& object) {
  TensorFacts facts;
  facts.name = text_of(object, "Name");
  facts.shape = ints_of(object, "Dimensions");
  const std::string old_form = text_of(object, "Format/Datatype");
  facts.type = element_type_from_inspector(old_form.empty() ? text_of(object, "DataType") : old_form);
  return facts;
}

std::vector<TensorFacts> tensors_of(const json& layer, const char* key) {
  std::vector<TensorFacts> tensors;
  const auto found = layer.find(key);
  if (found != layer.end() && found->is_array()) {
    for (const json& tensor : *found) {
      if (tensor.is_object()) {
        tensors.push_back(tensor_of(tensor));
      }
    }
  }
  return tensors;
}

// "[ONNX Layer: a]\x1e[ONNX Layer: b]"
std::vector<std::string> onnx_nodes_of(const std::string& metadata) {
  constexpr std::string_view opening = "[ONNX Layer: ";
  std::vector<std::string> names;
  std::size_t at = metadata.find(opening);
  while (at != std::string::npos) {
    const std::size_t start = at + opening.size();
    const std::size_t next = metadata.find(opening, start);
    const std::size_t end = metadata.rfind(']', next);  // names may hold brackets
    if (end != std::string::npos && end > start) {
      names.push_back(metadata.substr(start, end - start));
    }
    at = next;
  }
  return names;
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

// {"Type": "Half", "Count": 864}
std::optional<TensorFacts> constant_of(const json& layer, const char* key, const Dims& shape) {
  const auto found = layer.find(key);
  if (found == layer.end() || !found->is_object() || int_of(*found, "Count", 0) == 0) {
    return std::nullopt;
  }
  return TensorFacts{shape, element_type_from_inspector(text_of(*found, "Type")), true, {}};
}

void add_activation(const json& layer, LayerFacts& facts) {
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
  std::string activation = text_of(layer, "Activation");
  if ((activation.empty() || activation == "NONE") && int_of(layer, "HasReLU", 0) != 0) {
    activation = "RELU";
  }
  if (activation.empty() || activation == "NONE") {
    return;
  }
  const auto found = onnx_words.find(activation);
  facts.operators.push_back(found != onnx_words.end() ? follow_up(facts, found->second)
                                                      : follow_up(facts, activation, kEngineDomain));
}

// Convolution and deconvolution, with bias, residual and activation in one kernel.
void explain_convolution(const json& layer, bool transposed, LayerFacts& facts) {
  OperatorFacts convolution = operator_on(facts, transposed ? "ConvTranspose" : "Conv");
  convolution.kernel = ints_of(layer, "Kernel").value_or(Dims{});
  convolution.strides = ints_of(layer, "Stride").value_or(Dims{});
  convolution.dilations = ints_of(layer, "Dilation").value_or(Dims{});
  convolution.groups = std::max<std::int64_t>(int_of(layer, "Groups", 1), 1);
  const std::int64_t maps = int_of(layer, "OutMaps", 0);
  const bool dynamic_weight = int_of(layer, "HasDynamicFilter", 0) != 0;
  convolution.inputs.resize(dynamic_weight ? 2 : 1);
  const auto& data = facts.inputs.empty() ? std::nullopt : facts.inputs.front().shape;
  if (!dynamic_weight && data && data->size() >= 3) {
    const std::int64_t channels = (*data)[1];
    Dims shape = transposed ? Dims{channels, maps / convolution.groups} : Dims{maps, channels / convolution.groups};
    shape.insert(shape.end(), convolution.kernel.begin(), convolution.kernel.end());
    convolution.inputs.push_back(constant_of(layer, "Weights", shape));
    convolution.inputs.push_back(constant_of(layer, "Bias", {maps}));
    if (!transposed && convolution.groups > 1 && convolution.groups == channels) {
      convolution.layer_class = LayerClass::depthwise_convolution;
    }
  }
  facts.operators.push_back(std::move(convolution));
  if (int_of(layer, "HasResidual", 0) != 0) {
    facts.operators.push_back(follow_up(facts, "Add"));
  }
  add_activation(layer, facts);
}

void explain_pooling(const json& layer, LayerFacts& facts) {
  const std::string type = text_of(layer, "PoolingType");
  const bool known = type == "AVERAGE" || type == "MAX";
  OperatorFacts pooling = known ? operator_on(facts, type == "MAX" ? "MaxPool" : "AveragePool")
                                : operator_on(facts, "Pooling " + type, kEngineDomain);
  pooling.kernel = ints_of(layer, "WindowSize").value_or(Dims{});
  pooling.strides = ints_of(layer, "Stride").value_or(Dims{});
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

void explain(const json& layer, const std::string& layer_type, LayerFacts& facts) {
  static const std::map<std::string, std::string> onnx_words{
      {"reformat", "Cast"},        {"cast", "Cast"},        {"noop", "Identity"},
      {"identity", "Identity"},    {"shape_call", "Shape"}, {"constant", "Constant"},
      {"shuffle", "Transpose"},    {"slice", "Slice"},      {"gather", "Gather"},
      {"concatenation", "Concat"}, {"softmax", "Softmax"},
  };
  const std::string parameter_type = text_of(layer, "ParameterType");
  const std::string type = lower_case(parameter_type.empty() ? layer_type : parameter_type);
  if (type == "convolution" || type == "deconvolution") {
    explain_convolution(layer, type == "deconvolution", facts);
  } else if (type == "pooling") {
    explain_pooling(layer, facts);
  } else if (type == "gemm" || type == "matrixmultiply") {
    explain_gemm(facts);
  } else if (const auto found = onnx_words.find(type); found != onnx_words.end()) {
    facts.operators = {operator_on(facts, found->second)};
  } else {
    facts.operators = {operator_on(facts, layer_type, kEngineDomain)};
  }
}

// What no layer writes and nobody feeds is a constant: Myelin lists its weights as inputs.
std::set<std::string> computed_tensors(const json& document) {
  std::set<std::string> names;
  for (const json& layer : document["Layers"]) {
    if (layer.is_object()) {
      for (const TensorFacts& tensor : tensors_of(layer, "Outputs")) {
        names.insert(tensor.name);
      }
    }
  }
  for (const char* key : {"Bindings", "I/O Tensors"}) {
    const auto found = document.find(key);
    if (found == document.end() || !found->is_array()) {
      continue;
    }
    for (const json& binding : *found) {
      names.insert(binding.is_string()   ? binding.get<std::string>()
                   : binding.is_object() ? text_of(binding, "Name")
                                         : std::string());
    }
  }
  return names;
}

InspectorLayer layer_of(const json& layer, const std::set<std::string>& computed) {
  InspectorLayer result;
  if (!layer.is_object()) {
    result.name = layer.is_string() ? layer.get<std::string>() : layer.dump();
    result.facts.unknown_reason = "the engine was built without ProfilingVerbosity::kDETAILED and tells names only";
    return result;
  }
  result.name = text_of(layer, "Name");
  result.layer_type = text_of(layer, "LayerType");
  result.onnx_nodes = onnx_nodes_of(text_of(layer, "Metadata"));
  result.facts.inputs = tensors_of(layer, "Inputs");
  result.facts.outputs = tensors_of(layer, "Outputs");
  for (TensorFacts& tensor : result.facts.inputs) {
    tensor.constant = !computed.contains(tensor.name);
  }
  explain(layer, result.layer_type, result.facts);
  return result;
}

// A convolution with an activation of unknown name stays: its weights are its own, not among the layer's inputs.
bool is_opaque(const InspectorLayer& layer) {
  return layer.facts.operators.size() == 1 && layer.facts.operators.front().domain == kEngineDomain;
}

}  // namespace

ElementType element_type_from_inspector(std::string_view text) {
  // "BFloat16" and "UInt8" before the names they end in.
  static constexpr std::array<std::pair<std::string_view, ElementType>, 20> names{{
      {"bfloat16", ElementType::bf16},  {"bf16", ElementType::bf16},    {"half", ElementType::f16},
      {"fp16", ElementType::f16},       {"float16", ElementType::f16},  {"fp8", ElementType::f8e4m3},
      {"float8", ElementType::f8e4m3},  {"fp32", ElementType::f32},     {"fp4", ElementType::unknown},
      {"float4", ElementType::unknown}, {"e8m0", ElementType::unknown}, {"float", ElementType::f32},
      {"uint8", ElementType::u8},       {"int8", ElementType::i8},      {"int32", ElementType::i32},
      {"int64", ElementType::i64},      {"int4", ElementType::i4},      {"bool", ElementType::boolean},
      {"int16", ElementType::i16},      {"double", ElementType::f64},
  }};
  const std::string lower = lower_case(text);
  for (const auto& [name, type] : names) {
    if (lower.find(name) != std::string::npos) {
      return type;
    }
  }
  return ElementType::unknown;
}

Result<std::vector<InspectorLayer>> inspector_layers(std::string_view text, std::string_view source) {
  const json document = json::parse(text.begin(), text.end(), nullptr, false);
  if (document.is_discarded()) {
    return fail(fmt::format("{} is not valid JSON", source));
  }
  if (!document.is_object() || !document.contains("Layers") || !document["Layers"].is_array()) {
    return fail(fmt::format("{} is not an engine inspector's JSON: it has no list \"Layers\"", source),
                "Export it with trtexec --exportLayerInfo=FILE --profilingVerbosity=detailed");
  }
  const std::set<std::string> computed = computed_tensors(document);
  std::vector<InspectorLayer> layers;
  for (const json& layer : document["Layers"]) {
    layers.push_back(layer_of(layer, computed));
  }
  return layers;
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
