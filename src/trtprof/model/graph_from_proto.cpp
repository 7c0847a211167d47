#include "trtprof/model/graph_from_proto.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <unordered_set>

#include <onnx/onnx_pb.h>

#include "trtprof/model/element_types.h"

namespace trtprof {
namespace {

std::vector<Dimension> fixed_dimensions(const google::protobuf::RepeatedField<std::int64_t>& dims) {
  std::vector<Dimension> shape;
  for (const std::int64_t dim : dims) shape.push_back({dim, ""});
  return shape;
}

// Does the text name a dimension? PaddlePaddle writes "?" for every one that is open, and they are not all the same.
bool names_a_dimension(const std::string& text) {
  return std::ranges::any_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// Some exporters write -1 where they mean "open".
Dimension dimension_from_proto(const onnx::TensorShapeProto::Dimension& dim) {
  if (dim.has_dim_value() && dim.dim_value() >= 0) return {dim.dim_value(), ""};
  if (dim.has_dim_param() && names_a_dimension(dim.dim_param())) return {std::nullopt, dim.dim_param()};
  return {};
}

// Tensors, graphs and types stay in the model. A reference to a function's attribute is resolved by inlining.
AttributeValue attribute_from_proto(const onnx::AttributeProto& proto) {
  using Type = onnx::AttributeProto;
  switch (proto.type()) {
    case Type::INT:
      return proto.i();
    case Type::FLOAT:
      return static_cast<double>(proto.f());
    case Type::STRING:
      return proto.s();
    case Type::INTS:
      return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
    case Type::FLOATS:
      return std::vector<double>(proto.floats().begin(), proto.floats().end());
    case Type::STRINGS:
      return std::vector<std::string>(proto.strings().begin(), proto.strings().end());
    default: {
      std::string kind = onnx::AttributeProto::AttributeType_Name(proto.type());
      std::ranges::transform(kind, kind.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      return OpaqueAttribute{kind};
    }
  }
}

void append_nodes(const onnx::GraphProto& graph, const std::string& path, std::vector<GraphNode>& nodes) {
  for (const auto& proto : graph.node()) {
    GraphNode node;
    node.name = proto.name();
    node.op_type = proto.op_type();
    node.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    node.subgraph = path;
    for (const auto& attribute : proto.attribute()) {
      node.attributes.emplace(attribute.name(), attribute_from_proto(attribute));
    }
    const std::string below = (path.empty() ? "" : path + "/") + node.display_name() + "/";
    nodes.push_back(std::move(node));
    for (const auto& attribute : proto.attribute()) {
      if (attribute.has_g()) append_nodes(attribute.g(), below + attribute.name(), nodes);
      for (int i = 0; i < attribute.graphs_size(); ++i) {
        append_nodes(attribute.graphs(i), below + attribute.name() + "[" + std::to_string(i) + "]", nodes);
      }
    }
  }
}

}  // namespace

void open_nameless_dimensions(onnx::TypeProto& type) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape()) return;
  for (auto& dim : *type.mutable_tensor_type()->mutable_shape()->mutable_dim()) {
    const Dimension plain = dimension_from_proto(dim);
    if (!plain.value && plain.symbol.empty()) dim.Clear();
  }
}

ValueInfo value_from_proto(const onnx::ValueInfoProto& proto) {
  ValueInfo value;
  value.name = proto.name();
  if (!proto.type().has_tensor_type()) return value;
  const auto& tensor = proto.type().tensor_type();
  value.type = element_type_from_onnx(tensor.elem_type());
  if (tensor.has_shape()) {
    value.shape.emplace();
    for (const auto& dim : tensor.shape().dim()) value.shape->push_back(dimension_from_proto(dim));
  }
  return value;
}

Graph graph_from_proto(const onnx::ModelProto& model) {
  const onnx::GraphProto& proto = model.graph();
  Graph graph;
  graph.name = proto.name();
  std::unordered_set<std::string_view> initialized;
  for (const auto& tensor : proto.initializer()) {
    initialized.insert(tensor.name());
    graph.initializers.push_back(
        {tensor.name(), element_type_from_onnx(tensor.data_type()), fixed_dimensions(tensor.dims())});
  }
  for (const auto& sparse : proto.sparse_initializer()) {
    initialized.insert(sparse.values().name());
    graph.initializers.push_back(
        {sparse.values().name(), element_type_from_onnx(sparse.values().data_type()), fixed_dimensions(sparse.dims())});
  }
  for (const auto& input : proto.input()) {
    if (!initialized.contains(input.name())) graph.inputs.push_back(value_from_proto(input));
  }
  for (const auto& output : proto.output()) graph.outputs.push_back(value_from_proto(output));
  graph.nodes.reserve(static_cast<std::size_t>(proto.node_size()));
  append_nodes(proto, "", graph.nodes);
  return graph;
}

}  // namespace trtprof
