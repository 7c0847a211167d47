#include "trtprof/profile/engine_inspector.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/profile/inspector_parts.h"

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

// The first of the keys that says something.
std::string text_of(const json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    std::string text = text_of(object, key);
    if (!text.empty()) {
      return text;
    }
  }
  return {};
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

// "Half" and "BFloat16" are types alone; layouts are told in several words.
bool tells_layout(const std::string& text) {
  return text.find(' ') != std::string::npos && text != "Unknown format";
}

InspectedTensor tensor_of(const json& object) {
  InspectedTensor tensor;
  tensor.name = text_of(object, "Name");
  tensor.shape = ints_of(object, "Dimensions");
  const std::string both = text_of(object, "Format/Datatype");
  const std::string format = both.empty() ? text_of(object, "Format") : both;
  const std::string type = both.empty() ? text_of(object, {"DataType", "Datatype", "Format"}) : both;
  tensor.type = element_type_from_inspector(type);
  if (tells_layout(format) || both.empty()) {
    tensor.layout = format;
  }
  return tensor;
}

std::vector<InspectedTensor> tensors_of(const json& layer, const char* key) {
  std::vector<InspectedTensor> tensors;
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

// "[ONNX Layer: a]\x1e[ONNX Layer: b]"; \x1f separates the nodes of one layer of the network.
std::vector<std::string> onnx_nodes_of(const std::string& metadata) {
  constexpr std::string_view opening = "[ONNX Layer: ";
  std::vector<std::string> names;
  std::size_t at = metadata.find(opening);
  while (at != std::string::npos) {
    const std::size_t start = at + opening.size();
    const std::size_t next = metadata.find(opening, start);
    const std::size_t part = std::min(metadata.find_first_of("\x1e\x1f", start), next);
    const std::size_t end = metadata.rfind(']', part);  // names may hold brackets
    if (end != std::string::npos && end > start) {
      std::string name = metadata.substr(start, end - start);
      if (std::ranges::find(names, name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
    at = next;
  }
  return names;
}

std::optional<InspectedWeights> weights_of(const json& layer, const char* key) {
  const auto found = layer.find(key);
  if (found == layer.end() || !found->is_object() || int_of(*found, "Count", 0) <= 0) {
    return std::nullopt;
  }
  return InspectedWeights{element_type_from_inspector(text_of(*found, "Type")), int_of(*found, "Count", 0)};
}

InspectedParameters parameters_of(const json& layer) {
  InspectedParameters parameters;
  const auto window = ints_of(layer, "WindowSize");
  parameters.kernel = window ? *window : ints_of(layer, "Kernel").value_or(Dims{});
  parameters.strides = ints_of(layer, "Stride").value_or(Dims{});
  parameters.dilations = ints_of(layer, "Dilation").value_or(Dims{});
  parameters.groups = std::max<std::int64_t>(int_of(layer, "Groups", 1), 1);
  parameters.out_maps = int_of(layer, "OutMaps", 0);
  parameters.weights = weights_of(layer, "Weights");
  parameters.bias = weights_of(layer, "Bias");
  parameters.dynamic_filter = int_of(layer, "HasDynamicFilter", 0) != 0;
  parameters.residual = int_of(layer, "HasResidual", 0) != 0;
  parameters.pooling_type = text_of(layer, "PoolingType");
  parameters.activation = text_of(layer, "Activation");
  if (parameters.activation == "NONE") {
    parameters.activation.clear();
  }
  if (parameters.activation.empty() && int_of(layer, "HasReLU", 0) != 0) {
    parameters.activation = "RELU";
  }
  return parameters;
}

InspectedIo io_of(const std::string& mode) {
  const std::string lower = lower_case(mode);
  return lower == "input" ? InspectedIo::input : lower == "output" ? InspectedIo::output : InspectedIo::not_told;
}

}  // namespace

InspectedLayer inspected_layer(const json& object) {
  InspectedLayer layer;
  if (!object.is_object()) {
    layer.name = object.is_string() ? object.get<std::string>() : std::string();
    layer.detailed = false;
    return layer;
  }
  layer.name = text_of(object, "Name");
  layer.layer_type = text_of(object, "LayerType");
  layer.parameter_type = text_of(object, "ParameterType");
  layer.origin = text_of(object, "Origin");
  layer.tactic_name = text_of(object, "TacticName");
  layer.tactic_value = text_of(object, "TacticValue");
  if (object.contains("StreamId") && object["StreamId"].is_number_integer()) {
    layer.stream = object["StreamId"].get<std::int64_t>();
  }
  layer.onnx_nodes = onnx_nodes_of(text_of(object, "Metadata"));
  layer.inputs = tensors_of(object, "Inputs");
  layer.outputs = tensors_of(object, "Outputs");
  layer.parameters = parameters_of(object);
  return layer;
}

InspectedBinding inspected_binding(const json& binding) {
  if (binding.is_object()) return {tensor_of(binding), io_of(text_of(binding, "IOMode"))};
  InspectedTensor tensor;
  if (binding.is_string()) tensor.name = binding.get<std::string>();
  return {std::move(tensor), InspectedIo::not_told};
}

void mark_constants(InspectedEngine& engine) {
  std::set<std::string> computed;
  for (const InspectedLayer& layer : engine.layers) {
    for (const InspectedTensor& tensor : layer.outputs) {
      computed.insert(tensor.name);
    }
  }
  for (const InspectedBinding& binding : engine.bindings) {
    computed.insert(binding.tensor.name);
  }
  for (InspectedLayer& layer : engine.layers) {
    for (InspectedTensor& tensor : layer.inputs) {
      tensor.constant = !computed.contains(tensor.name);
    }
  }
}

ElementType element_type_from_inspector(std::string_view text) {
  // Names that end in, or begin with, others come before those.
  static constexpr std::array<std::pair<std::string_view, ElementType>, 25> names{{
      {"complex", ElementType::unknown}, {"bfloat16", ElementType::bf16},  {"bf16", ElementType::bf16},
      {"half", ElementType::f16},        {"fp16", ElementType::f16},       {"float16", ElementType::f16},
      {"fp8", ElementType::f8e4m3},      {"float8", ElementType::f8e4m3},  {"fp32", ElementType::f32},
      {"fp4", ElementType::unknown},     {"float4", ElementType::unknown}, {"e8m0", ElementType::unknown},
      {"float", ElementType::f32},       {"uint8", ElementType::u8},       {"uint16", ElementType::u16},
      {"uint32", ElementType::u32},      {"uint64", ElementType::u64},     {"uint4", ElementType::u4},
      {"int8", ElementType::i8},         {"int32", ElementType::i32},      {"int64", ElementType::i64},
      {"int4", ElementType::i4},         {"bool", ElementType::boolean},   {"int16", ElementType::i16},
      {"double", ElementType::f64},
  }};
  const std::string lower = lower_case(text);
  for (const auto& [name, type] : names) {
    if (lower.find(name) != std::string::npos) {
      return type;
    }
  }
  return ElementType::unknown;
}

TensorDesc to_tensor_desc(const InspectedTensor& tensor) {
  TensorDesc desc;
  desc.name = tensor.name;
  if (tensor.type != ElementType::unknown) {
    desc.element_type = to_string(tensor.type);
  }
  desc.shape = tensor.shape.value_or(Dims{});
  desc.layout = tensor.layout;
  const auto count = tensor.shape ? element_count(*tensor.shape) : std::nullopt;
  const std::size_t bits = bits_of(tensor.type);
  if (count && bits > 0) {
    desc.bytes = *count / 8 * bits + (*count % 8 * bits + 7) / 8;
  }
  return desc;
}

bool is_depthwise_convolution(const InspectedLayer& layer) {
  const auto& shape = layer.inputs.empty() ? std::nullopt : layer.inputs.front().shape;
  return layer.parameters.groups > 1 && shape && shape->size() >= 3 && layer.parameters.groups == (*shape)[1];
}

Result<InspectedEngine> parse_engine_inspector(std::string_view text, std::string_view source) {
  const json document = json::parse(text.begin(), text.end(), nullptr, false);
  if (document.is_discarded()) {
    return fail(fmt::format("{} is not valid JSON", source));
  }
  if (!document.is_object() || !document.contains("Layers") || !document["Layers"].is_array()) {
    return fail(fmt::format("{} is not an engine inspector's JSON: it has no list \"Layers\"", source),
                "Export it with trtexec --exportLayerInfo=FILE --profilingVerbosity=detailed");
  }
  InspectedEngine engine;
  engine.layers.reserve(document["Layers"].size());
  for (const json& layer : document["Layers"]) {
    engine.layers.push_back(inspected_layer(layer));
  }
  for (const char* key : {"Bindings", "I/O Tensors"}) {
    const auto found = document.find(key);
    if (found == document.end() || !found->is_array()) continue;
    for (const json& binding : *found) {
      if (binding.is_string() || binding.is_object()) engine.bindings.push_back(inspected_binding(binding));
    }
  }
  mark_constants(engine);
  return engine;
}

}  // namespace trtprof
