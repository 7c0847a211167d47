#include "trtprof/backend/tensorrt_layers.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/backend/origin.h"
#include "trtprof/backend/tensorrt_names.h"
#include "trtprof/profile/layer_class.h"

namespace trtprof {
namespace {

// What a graph says of names.
struct ModelNames {
  std::unordered_set<std::string> all;      // of nodes and what they write
  std::unordered_set<std::string> written;  // tensors
  std::vector<std::string> inputs;
  // The BatchNormalization that alone reads a convolution's result, by the name of the convolution.
  std::unordered_map<std::string, std::string> normalization_behind;
};

std::unordered_map<std::string, std::string> normalizations_behind(const Graph& graph) {
  std::unordered_map<std::string, std::vector<const GraphNode*>> readers;
  for (const GraphNode& node : graph.nodes) {
    for (const std::string& input : node.inputs) readers[input].push_back(&node);
  }
  std::unordered_map<std::string, std::string> behind;
  for (const GraphNode& node : graph.nodes) {
    if ((node.op_type != "Conv" && node.op_type != "ConvTranspose") || node.outputs.empty()) continue;
    const auto& reading = readers[node.outputs.front()];
    if (reading.size() == 1 && reading.front()->op_type == "BatchNormalization") {
      behind.emplace(node.display_name(), reading.front()->display_name());
    }
  }
  return behind;
}

ModelNames names_of(const Graph& graph) {
  ModelNames names;
  for (const GraphNode& node : graph.nodes) {
    if (!node.name.empty()) names.all.insert(node.name);
    for (const std::string& output : node.outputs) {
      if (output.empty()) continue;
      names.all.insert(output);
      names.written.insert(output);
    }
  }
  for (const ValueInfo& input : graph.inputs) names.inputs.push_back(input.name);
  names.normalization_behind = normalizations_behind(graph);
  return names;
}

// TensorRT's parser calls a node without name after its first output.
std::optional<std::string> name_in_model(const std::string& name, const ModelNames& model) {
  constexpr std::string_view nameless = "node_of_";
  if (model.all.contains(name)) return name;
  if (!name.starts_with(nameless)) return std::nullopt;
  std::string output = name.substr(nameless.size());
  return model.all.contains(output) ? std::optional(std::move(output)) : std::nullopt;
}

std::vector<std::string> told_names(const InspectedLayer& layer) {
  return layer.onnx_nodes.empty() ? names_in_layer_name(layer.name) : layer.onnx_nodes;
}

LayerClass class_by_type(const InspectedLayer& layer) {
  if (layer.detailed) {
    return class_of_tensorrt_layer(layer.layer_type, layer.parameter_type, is_depthwise_convolution(layer));
  }
  return is_foreign_node(layer.name)      ? LayerClass::opaque
         : is_engine_copy(layer.name)     ? LayerClass::reformat
         : layer.name.starts_with("PWN(") ? LayerClass::fused
                                          : LayerClass::other;
}

std::vector<std::string> main_operators(LayerClass layer_class) {
  switch (layer_class) {
    case LayerClass::convolution:
    case LayerClass::depthwise_convolution:
      return {"Conv", "ConvInteger", "QLinearConv"};
    case LayerClass::deconvolution:
      return {"ConvTranspose"};
    case LayerClass::matmul:
    case LayerClass::fully_connected:
      return {"MatMul", "Gemm", "MatMulInteger", "QLinearMatMul", "Einsum"};
    default:
      return {};
  }
}

// What TensorRT put in: it claims no node, and is never taken for one.
bool is_inserted(const InspectedLayer& layer) {
  static constexpr std::array<std::string_view, 3> housekeeping = {"shape_call", "signal", "wait"};
  if (!layer.onnx_nodes.empty()) return false;
  return is_engine_copy(layer.name) || layer.origin == "REFORMAT" || class_by_type(layer) == LayerClass::reformat ||
         class_by_type(layer) == LayerClass::constant ||
         std::ranges::find(housekeeping, layer.layer_type) != housekeeping.end();
}

class OriginJoin {
 public:
  OriginJoin(const Graph& graph, const std::vector<InspectedLayer>& layers)
      : graph_(graph), layers_(layers), model_(names_of(graph)) {
    for (const InspectedLayer& layer : layers_) {
      for (const InspectedTensor& tensor : layer.outputs) ++writers_[tensor.name];
      for (std::string& name : told_names(layer)) told_.insert(std::move(name));
    }
  }

  std::vector<Origin> run() {
    if (graph_.nodes.empty()) return as_told();
    // Inputs of the model are layers here, so that what lies between an input and the first layers is seen.
    std::vector<EngineLayer> engine;
    std::unordered_map<std::string, std::size_t> writer;
    for (const std::string& input : model_.inputs) {
      writer[input] = engine.size();
      engine.push_back({input, {}, {}, {}, false});
    }
    for (const InspectedLayer& layer : layers_) {
      engine.push_back(engine_layer(layer, writer));
      for (const InspectedTensor& tensor : layer.outputs) writer[tensor.name] = engine.size() - 1;
    }
    std::vector<Origin> origins = resolve_origins(graph_, engine);
    origins.erase(origins.begin(), origins.begin() + static_cast<std::ptrdiff_t>(model_.inputs.size()));
    std::vector<Origin> told = as_told();
    for (std::size_t i = 0; i < origins.size(); ++i) {
      // Of another model than the one at hand: what the engine says stands.
      if (origins[i].nodes.empty() && !layers_[i].onnx_nodes.empty()) origins[i] = std::move(told[i]);
    }
    return origins;
  }

 private:
  [[nodiscard]] std::vector<Origin> as_told() const {
    std::vector<Origin> origins(layers_.size());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (is_inserted(layers_[i])) continue;
      for (std::string& name : told_names(layers_[i])) origins[i].nodes.push_back({std::move(name), ""});
      if (!origins[i].nodes.empty()) origins[i].source = OriginSource::reported;
    }
    return origins;
  }

  [[nodiscard]] EngineLayer engine_layer(const InspectedLayer& layer,
                                         const std::unordered_map<std::string, std::size_t>& writer) const {
    EngineLayer result;
    result.name = layer.name;
    result.inserted = is_inserted(layer);
    for (const InspectedTensor& tensor : layer.inputs) {
      if (const auto found = writer.find(tensor.name); found != writer.end()) result.producers.push_back(found->second);
    }
    if (result.inserted) return result;
    for (const std::string& name : told_names(layer)) {
      auto known = name_in_model(name, model_);
      if (!known) continue;
      // Folded into the weights, a normalisation may be named by nobody: then it is no part of what comes next.
      const auto folded = model_.normalization_behind.find(*known);
      if (folded != model_.normalization_behind.end() && !told_.contains(folded->second)) {
        result.claimed_names.push_back(folded->second);
      }
      result.claimed_names.push_back(*std::move(known));
    }
    // The last node inside writes the tensor: it is told even where the name of a folded one is not. A tensor that
    // several layers write (a concatenation without copy) tells nothing.
    for (const InspectedTensor& tensor : layer.outputs) {
      if (model_.written.contains(tensor.name) && writers_.at(tensor.name) == 1) {
        result.claimed_names.push_back(tensor.name);
      }
    }
    result.main_ops = main_operators(class_by_type(layer));
    return result;
  }

  const Graph& graph_;
  const std::vector<InspectedLayer>& layers_;
  ModelNames model_;
  std::unordered_map<std::string, int> writers_;  // by tensor
  std::unordered_set<std::string> told_;          // names that some layer tells
};

// What a kernel written for several nodes is: the heaviest of them; an activation that an exporter wrote out.
LayerClass class_of_nodes(const std::vector<OriginNode>& nodes, LayerClass otherwise) {
  std::set<LayerClass> classes;
  for (const OriginNode& node : nodes) {
    const LayerClass node_class = class_of_onnx_op(node.op_type);
    if (node_class != LayerClass::constant && node_class != LayerClass::other) classes.insert(node_class);
  }
  if (classes.size() > 1) classes.erase(LayerClass::shuffle);
  if (classes.size() > 1) classes.erase(LayerClass::cast);
  if (classes.empty()) return otherwise;
  if (classes.size() == 1) return *classes.begin();
  const bool product = classes.contains(LayerClass::matmul) || classes.contains(LayerClass::fully_connected);
  if (product && classes.contains(LayerClass::softmax)) return LayerClass::attention;
  for (const LayerClass heavy : {LayerClass::convolution, LayerClass::deconvolution, LayerClass::attention,
                                 LayerClass::fully_connected, LayerClass::matmul, LayerClass::recurrent}) {
    if (classes.contains(heavy)) return heavy;
  }
  static const std::set<LayerClass> written_out = {LayerClass::activation, LayerClass::elementwise};
  return classes == written_out ? LayerClass::activation : LayerClass::fused;
}

LayerClass class_of(const InspectedLayer& layer, const Origin& origin) {
  const LayerClass by_type = class_by_type(layer);
  if (is_inserted(layer)) return is_engine_copy(layer.name) ? LayerClass::reformat : by_type;
  switch (by_type) {
    case LayerClass::matmul:
      return layer.inputs.size() > 1 && layer.inputs[1].constant ? LayerClass::fully_connected : by_type;
    case LayerClass::fused:
      return origin.nodes.empty() ? LayerClass::opaque : class_of_nodes(origin.nodes, by_type);
    case LayerClass::reformat:  // a NoOp that is a Reshape of the model
    case LayerClass::other:
      return class_of_nodes(origin.nodes, by_type);
    default:
      return by_type;
  }
}

// Of the arithmetic: that of the weights, or of the first operand. TensorRT says TF32 in the tactic's name alone.
std::string precision_of(const InspectedLayer& layer) {
  ElementType type = layer.parameters.weights ? layer.parameters.weights->type : ElementType::unknown;
  for (const auto* tensors : {&layer.inputs, &layer.outputs}) {
    if (type == ElementType::unknown && !tensors->empty()) type = tensors->front().type;
  }
  if (type == ElementType::unknown) return {};
  const bool tf32 = type == ElementType::f32 && layer.tactic_name.find("tf32") != std::string::npos;
  return tf32 ? "tf32" : std::string(to_string(type));
}

// The kernel's name; the number of the tactic where it has none. Zero is no number.
std::string implementation_of(const InspectedLayer& layer) {
  if (!layer.tactic_name.empty()) return layer.tactic_name;
  return layer.tactic_value.find_first_not_of("0x") == std::string::npos ? std::string() : layer.tactic_value;
}

std::vector<TensorDesc> descs_of(const std::vector<InspectedTensor>& tensors) {
  std::vector<TensorDesc> descs;
  descs.reserve(tensors.size());
  std::ranges::transform(tensors, std::back_inserter(descs), to_tensor_desc);
  return descs;
}

class UniqueNames {
 public:
  std::string make(const std::string& name) {
    std::string unique;
    do {
      unique = numbered_name(name, ++count_[name]);
    } while (!used_.insert(unique).second);
    return unique;
  }

 private:
  std::unordered_map<std::string, std::size_t> count_;
  std::unordered_set<std::string> used_;
};

}  // namespace

Result<std::vector<Layer>> tensorrt_layers(std::string_view inspector_json, const Graph& graph,
                                           std::string_view source) {
  auto engine = parse_engine_inspector(inspector_json, source);
  if (!engine) return forward_error(engine);
  return tensorrt_layers(*std::move(engine), graph);
}

std::vector<Layer> tensorrt_layers(InspectedEngine engine, const Graph& graph) {
  std::vector<InspectedLayer>& inspected = engine.layers;
  std::erase_if(inspected, [](const InspectedLayer& layer) { return is_of_another_profile(layer.name); });
  const std::vector<Origin> origins = OriginJoin(graph, inspected).run();
  std::vector<Layer> layers;
  layers.reserve(inspected.size());
  UniqueNames names;
  for (std::size_t i = 0; i < inspected.size(); ++i) {
    const InspectedLayer& from = inspected[i];
    Layer layer;
    layer.name = names.make(from.name.empty() ? fmt::format("layer {}", i) : from.name);
    layer.engine_type = from.layer_type;
    layer.layer_class = class_of(from, origins[i]);
    layer.origin_nodes = origins[i].nodes;
    layer.origin_source = origins[i].source;
    layer.precision = precision_of(from);
    layer.implementation = implementation_of(from);
    layer.inputs = descs_of(from.inputs);
    layer.outputs = descs_of(from.outputs);
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::string tensorrt_precision(const std::vector<Layer>& layers) {
  std::set<std::string> all;
  std::set<std::string> heavy;
  for (const Layer& layer : layers) {
    if (layer.precision.empty() || layer.layer_class == LayerClass::reformat) continue;
    all.insert(layer.precision);
    switch (layer.layer_class) {
      case LayerClass::convolution:
      case LayerClass::depthwise_convolution:
      case LayerClass::deconvolution:
      case LayerClass::matmul:
      case LayerClass::fully_connected:
      case LayerClass::attention:
        heavy.insert(layer.precision);
        break;
      default:
        break;
    }
  }
  return fmt::format("{}", fmt::join(heavy.empty() ? all : heavy, " and "));
}

}  // namespace trtprof
