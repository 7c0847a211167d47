#include "trtprof/backend/openvino/layer_table.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <openvino/core/model.hpp>
#include <openvino/core/node.hpp>

#include "trtprof/backend/openvino_origins.h"
#include "trtprof/base/tensor.h"
#include "trtprof/profile/layer_class.h"

namespace trtprof::openvino {
namespace {

// One node of the runtime model.
struct RuntimeNode {
  std::string name;
  std::string type;  // layerType
  std::string primitive;
  std::string precision;
  std::string original_names;
  std::vector<TensorDesc> inputs;
  std::vector<TensorDesc> outputs;
  std::vector<std::size_t> producers;
};

std::string info_text(const ov::Node& node, const std::string& key) {
  const auto& info = node.get_rt_info();
  const auto it = info.find(key);
  return it != info.end() && it->second.is<std::string>() ? it->second.as<std::string>() : std::string{};
}

// The k-th of "bf16,f32"; the last one where there are fewer, as OpenVINO writes one for all alike.
std::string item(const std::string& list, std::size_t k) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < k; ++i) {
    const std::size_t comma = list.find(',', start);
    if (comma == std::string::npos) break;
    start = comma + 1;
  }
  return list.substr(start, list.find(',', start) - start);
}

std::vector<std::int64_t> dimensions(const ov::PartialShape& shape) {
  std::vector<std::int64_t> result;
  if (shape.rank().is_dynamic()) return result;
  for (const ov::Dimension& dimension : shape) result.push_back(dimension.is_static() ? dimension.get_length() : -1);
  return result;
}

TensorDesc output_desc(const ov::Node& node, std::size_t port) {
  TensorDesc desc;
  desc.name = node.get_friendly_name();
  if (node.get_output_size() > 1) desc.name += fmt::format(".{}", port);
  desc.element_type = item(info_text(node, "outputPrecisions"), port);
  if (desc.element_type.empty()) desc.element_type = element_type_name(node.get_output_element_type(port));
  if (desc.element_type == "boolean") desc.element_type = "bool";
  desc.shape = dimensions(node.get_output_partial_shape(port));
  desc.layout = item(info_text(node, "outputLayouts"), port);
  const auto type = element_type_from_string(desc.element_type);
  const auto count = element_count(desc.shape);
  if (type && count && bits_of(*type) > 0 && node.get_output_partial_shape(port).rank().is_static()) {
    desc.bytes = (*count * bits_of(*type) + 7) / 8;
  }
  return desc;
}

std::vector<RuntimeNode> read_runtime_model(const ov::CompiledModel& model) {
  const std::shared_ptr<const ov::Model> runtime = model.get_runtime_model();
  std::vector<RuntimeNode> nodes;
  std::unordered_map<const ov::Node*, std::size_t> index;
  for (const std::shared_ptr<ov::Node>& op : runtime->get_ordered_ops()) {
    RuntimeNode node;
    node.name = op->get_friendly_name();
    node.type = info_text(*op, "layerType");
    node.primitive = info_text(*op, "primitiveType");
    node.precision = info_text(*op, "runtimePrecision");
    node.original_names = info_text(*op, "originalLayersNames");
    for (const ov::Input<ov::Node>& input : op->inputs()) {
      const ov::Output<ov::Node> source = input.get_source_output();
      node.inputs.push_back(output_desc(*source.get_node(), source.get_index()));
      if (const auto producer = index.find(source.get_node()); producer != index.end()) {
        node.producers.push_back(producer->second);
      }
    }
    for (std::size_t port = 0; port < op->get_output_size(); ++port) node.outputs.push_back(output_desc(*op, port));
    index.emplace(op.get(), nodes.size());
    nodes.push_back(std::move(node));
  }
  return nodes;
}

bool is_boundary(const RuntimeNode& node) {
  return class_of_openvino_type(node.type, false) == LayerClass::input_output || node.type == "Const";
}

std::vector<OpenVinoNode> without_tensors(const std::vector<RuntimeNode>& nodes) {
  std::vector<OpenVinoNode> plain;
  plain.reserve(nodes.size());
  for (const RuntimeNode& node : nodes) plain.push_back({node.name, node.type, node.original_names, node.producers});
  return plain;
}

// Groups equal channels. Weights of a grouped convolution have one dimension more than its data: groups, output and
// input channels per group, kernel.
bool is_depthwise(const RuntimeNode& node) {
  if (node.inputs.size() < 2) return false;
  const auto& data = node.inputs[0].shape;
  const auto& weights = node.inputs[1].shape;
  const bool grouped = data.size() >= 3 && weights.size() == data.size() + 1;
  return grouped ? weights[0] == data[1] && weights[0] > 1 : node.primitive.find("_dw_") != std::string::npos;
}

// Whole layers made of parts: what the parts are tells more than "Subgraph" or "Math".
LayerClass class_of_parts(const std::vector<OriginNode>& parts, LayerClass by_type) {
  std::vector<LayerClass> classes;
  for (const OriginNode& part : parts) {
    const LayerClass part_class = class_of_onnx_op(part.op_type);
    if (part_class != LayerClass::constant && part_class != LayerClass::shuffle) classes.push_back(part_class);
  }
  const auto has = [&](LayerClass wanted) { return std::ranges::find(classes, wanted) != classes.end(); };
  if (classes.empty()) return by_type;
  if (std::ranges::all_of(classes, [&](LayerClass c) { return c == classes.front(); })) {
    return classes.front();
  }
  if (has(LayerClass::matmul) && has(LayerClass::softmax)) return LayerClass::attention;
  if (has(LayerClass::matmul)) return LayerClass::matmul;
  // HardSigmoid and Mul, Sigmoid and Mul: an activation written out.
  const bool simple = std::ranges::all_of(
      classes, [](LayerClass c) { return c == LayerClass::activation || c == LayerClass::elementwise; });
  if (simple && has(LayerClass::activation)) return LayerClass::activation;
  return by_type == LayerClass::elementwise ? by_type : LayerClass::fused;
}

// A conversion that OpenVINO inserted goes by several names: "Convert", or "Subgraph" when it was compiled.
bool only_converts(const RuntimeNode& node, const Origin& origin) {
  return origin.source == OriginSource::none && !node.inputs.empty() && node.outputs.size() == 1 &&
         node.inputs[0].shape == node.outputs[0].shape && node.inputs[0].element_type != node.outputs[0].element_type;
}

LayerClass class_of(const RuntimeNode& node, const std::string& engine_type, const Origin& origin) {
  if (only_converts(node, origin)) return LayerClass::reformat;
  LayerClass by_type = class_of_openvino_type(engine_type, is_depthwise(node));
  if (by_type == LayerClass::other) by_type = class_of_openvino_type(node.type, is_depthwise(node));
  // A global pooling becomes a reduction over the image; the model's word for it says more.
  const auto pools = [](const OriginNode& part) { return class_of_onnx_op(part.op_type) == LayerClass::pooling; };
  if (by_type == LayerClass::reduction && std::ranges::any_of(origin.nodes, pools)) return LayerClass::pooling;
  const bool composed = by_type == LayerClass::fused || by_type == LayerClass::elementwise;
  return composed ? class_of_parts(origin.nodes, by_type) : by_type;
}

Layer make_layer(const RuntimeNode& node, const std::string& engine_type, Origin origin) {
  Layer layer;
  layer.name = node.name;
  layer.engine_type = engine_type.empty() ? node.type : engine_type;
  layer.layer_class = class_of(node, layer.engine_type, origin);
  layer.origin_nodes = std::move(origin.nodes);
  layer.origin_source = origin.source;
  layer.precision = node.precision;
  layer.implementation = node.primitive;
  layer.inputs = node.inputs;
  layer.outputs = node.outputs;
  return layer;
}

// Position of each name's first span.
std::unordered_map<std::string_view, std::size_t> first_in(const std::vector<LayerSpan>& trace) {
  std::unordered_map<std::string_view, std::size_t> first;
  for (std::size_t i = 0; i < trace.size(); ++i) first.emplace(*trace[i].name, i);
  return first;
}

}  // namespace

std::string element_type_name(const ov::element::Type& type) {
  return type == ov::element::boolean ? "bool" : type.get_type_name();
}

LayerTable LayerTable::from_runtime_model(const ov::CompiledModel& model, const Graph& graph) {
  const std::vector<RuntimeNode> nodes = read_runtime_model(model);
  std::vector<Origin> origins = origins_of_openvino_nodes(without_tensors(nodes), graph);
  const std::vector<bool> from_inputs = depends_on_inputs(without_tensors(nodes));
  LayerTable table;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!from_inputs[i] || is_boundary(nodes[i])) continue;
    table.layers_.push_back(make_layer(nodes[i], nodes[i].type, std::move(origins[i])));
  }
  table.index_names();
  return table;
}

LayerTable LayerTable::after_inference(const ov::CompiledModel& model, const Graph& graph,
                                       const std::vector<ov::ProfilingInfo>& profiling,
                                       const std::vector<LayerSpan>& trace) {
  const std::vector<RuntimeNode> nodes = read_runtime_model(model);
  std::vector<Origin> origins = origins_of_openvino_nodes(without_tensors(nodes), graph);
  std::unordered_map<std::string_view, const ov::ProfilingInfo*> info;
  for (const ov::ProfilingInfo& entry : profiling) info.emplace(entry.node_name, &entry);
  const auto position = first_in(trace);

  LayerTable table;
  std::vector<std::pair<std::size_t, std::size_t>> order;  // place in the trace, index of the node
  std::unordered_set<std::string_view> executed;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto entry = info.find(nodes[i].name);
    const auto place = position.find(nodes[i].name);
    const bool counted = entry != info.end() && entry->second->status == ov::ProfilingInfo::Status::EXECUTED;
    if (is_boundary(nodes[i]) || (!counted && place == position.end())) continue;
    executed.insert(nodes[i].name);
    order.emplace_back(place == position.end() ? trace.size() : place->second, i);
  }
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [place, i] : order) {
    const auto entry = info.find(nodes[i].name);
    table.layers_.push_back(
        make_layer(nodes[i], entry == info.end() ? nodes[i].type : entry->second->node_type, std::move(origins[i])));
  }
  for (const ov::ProfilingInfo& entry : profiling) {
    const bool boundary = class_of_openvino_type(entry.node_type, false) == LayerClass::input_output ||
                          entry.node_type == "Constant" || entry.node_type == "Const";
    if (!boundary && !executed.contains(entry.node_name)) table.not_executed_.push_back(entry.node_name);
  }
  table.index_names();
  return table;
}

void LayerTable::index_names() {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    engine_names_.push_back(layers_[i].name);
    auto& same = by_name_[layers_[i].name];
    same.push_back(i);
    if (same.size() > 1) layers_[i].name += fmt::format("#{}", same.size());
  }
}

std::vector<std::optional<std::size_t>> LayerTable::layers_of(const std::vector<LayerSpan>& trace) const {
  std::vector<std::optional<std::size_t>> layers;
  layers.reserve(trace.size());
  std::unordered_map<const std::string*, std::size_t> seen;
  for (const LayerSpan& span : trace) {
    auto& layer = layers.emplace_back();
    const auto it = by_name_.find(*span.name);
    if (it == by_name_.end()) continue;
    const std::size_t turn = it->second.size() == 1 ? 0 : seen[span.name]++ % it->second.size();
    layer = it->second[turn];
  }
  return layers;
}

std::vector<double> LayerTable::seconds_of(const std::vector<LayerSpan>& trace) const {
  std::vector<double> seconds(layers_.size(), 0.0);
  const std::vector<std::optional<std::size_t>> layers = layers_of(trace);
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (layers[i]) seconds[*layers[i]] += static_cast<double>(trace[i].end_ns - trace[i].begin_ns) * 1e-9;
  }
  return seconds;
}

std::size_t LayerTable::missing_in(const std::vector<LayerSpan>& trace) const {
  const auto position = first_in(trace);
  return static_cast<std::size_t>(std::count_if(engine_names_.begin(), engine_names_.end(),
                                                [&](const std::string& name) { return !position.contains(name); }));
}

std::vector<std::optional<double>> LayerTable::reported_seconds(const std::vector<ov::ProfilingInfo>& profiling) const {
  std::unordered_map<std::string_view, std::vector<const ov::ProfilingInfo*>> info;
  for (const ov::ProfilingInfo& entry : profiling) info[entry.node_name].push_back(&entry);
  std::vector<std::optional<double>> seconds(layers_.size());
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto it = info.find(engine_names_[i]);
    if (it == info.end()) continue;
    const auto* entry = it->second[seen[engine_names_[i]]++ % it->second.size()];
    if (entry->status == ov::ProfilingInfo::Status::EXECUTED) {
      seconds[i] = std::chrono::duration<double>(entry->real_time).count();
    }
  }
  return seconds;
}

}  // namespace trtprof::openvino
