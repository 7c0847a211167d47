#include "trtprof/optimize/precision/typed_graph.h"

#include <algorithm>
#include <utility>

#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>

#include "trtprof/model/inference_model.h"
#include "trtprof/model/inference_run.h"

namespace trtprof::precision {
namespace {

std::string domain_of(const std::string& domain) {
  return domain == "ai.onnx" ? "" : domain;
}

struct KnownType {
  std::int32_t type = 0;
  bool is_tensor = true;
};
using KnownTypes = std::unordered_map<std::string, KnownType>;

void add_types(const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& from, KnownTypes& to) {
  for (const auto& value : from) {
    if (value.type().value_case() == onnx::TypeProto::VALUE_NOT_SET) continue;
    const bool is_tensor = value.type().has_tensor_type();
    const KnownType type{is_tensor ? value.type().tensor_type().elem_type() : 0, is_tensor};
    auto& known = to[value.name()];
    if (known.type == 0 && known.is_tensor) known = type;
  }
}

// By scope, in the order of graphs_outermost_first().
std::vector<KnownTypes> infer_types(const OnnxModel& model) {
  const InferenceModel inference = make_inference_model(model);
  const InferenceRun run = run_inference(inference.proto);
  std::vector<KnownTypes> types;
  for (const onnx::GraphProto* graph : graphs_outermost_first(run.model)) {
    KnownTypes& of_graph = types.emplace_back();
    for (const auto* values : {&graph->value_info(), &graph->input(), &graph->output()}) add_types(*values, of_graph);
  }
  for (std::size_t i = 0; i < std::min(types.size(), inference.stored.size()); ++i) {
    const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> stored(inference.stored[i].begin(),
                                                                          inference.stored[i].end());
    add_types(stored, types[i]);
  }
  return types;
}

}  // namespace

bool TypedValue::is_float() const {
  return is_tensor && type == onnx::TensorProto::FLOAT;
}

const std::string& TypedNode::display_name() const {
  if (!node->name().empty()) return node->name();
  const auto named = std::ranges::find_if(node->output(), [](const auto& name) { return !name.empty(); });
  return named == node->output().end() ? node->op_type() : *named;
}

bool TypedNode::is(const char* op_type) const {
  return node->op_type() == op_type && domain_of(node->domain()).empty();
}

TypedGraph::TypedGraph(OnnxModel& model) {
  const std::vector<KnownTypes> types = infer_types(model);
  for (const auto& opset : model.proto().opset_import()) opsets_[domain_of(opset.domain())] = opset.version();
  add_scopes(*model.mutable_proto().mutable_graph());
  for (TypedValue& value : values_) {
    if (value.type != 0 || static_cast<std::size_t>(value.scope) >= types.size()) continue;
    const KnownTypes& of_scope = types[static_cast<std::size_t>(value.scope)];
    const auto known = of_scope.find(value.name);
    if (known == of_scope.end()) continue;
    value.type = known->second.type;
    value.is_tensor = value.is_tensor && known->second.is_tensor;
  }
  connect();
}

int TypedGraph::add_value(int scope, const std::string& name) {
  auto& names = names_[static_cast<std::size_t>(scope)];
  const auto [place, added] = names.emplace(name, static_cast<int>(values_.size()));
  if (added) {
    values_.emplace_back();
    values_.back().name = name;
    values_.back().scope = scope;
  }
  return place->second;
}

// The order is that of graphs_outermost_first(): breadth first.
void TypedGraph::add_scopes(onnx::GraphProto& main) {
  scopes_.push_back({&main});
  for (int index = 0; std::cmp_less(index, scopes_.size()); ++index) {
    onnx::GraphProto& graph = *scopes_[static_cast<std::size_t>(index)].graph;
    names_.emplace_back();
    for (int i = 0; i < graph.input_size(); ++i) {
      const int value = add_value(index, graph.input(i).name());
      values_[static_cast<std::size_t>(value)].graph_input = i;
      scopes_[static_cast<std::size_t>(index)].inputs.push_back(value);
    }
    for (auto& tensor : *graph.mutable_initializer()) {
      TypedValue& value = values_[static_cast<std::size_t>(add_value(index, tensor.name()))];
      value.initializer = &tensor;
      value.type = tensor.data_type();
    }
    for (const auto& sparse : graph.sparse_initializer()) {
      TypedValue& value = values_[static_cast<std::size_t>(add_value(index, sparse.values().name()))];
      value.type = sparse.values().data_type();
    }
    for (auto& node : *graph.mutable_node()) {
      const int at = static_cast<int>(nodes_.size());
      TypedNode& added = nodes_.emplace_back();
      added.node = &node;
      added.scope = index;
      const auto opset = opsets_.find(domain_of(node.domain()));
      if (opset != opsets_.end()) {
        added.schema =
            onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset->second), domain_of(node.domain()));
      }
      for (const auto& output : node.output()) {
        const int value = output.empty() ? kNone : add_value(index, output);
        if (value != kNone) values_[static_cast<std::size_t>(value)].producer = at;
        added.outputs.push_back(value);
      }
      for (auto& attribute : *node.mutable_attribute()) {
        if (attribute.has_g()) scopes_.push_back({attribute.mutable_g(), index, at});
        for (auto& below : *attribute.mutable_graphs()) scopes_.push_back({&below, index, at});
      }
    }
  }
}

int TypedGraph::resolve(int scope, const std::string& name) {
  for (int at = scope; at != kNone; at = scopes_[static_cast<std::size_t>(at)].parent) {
    const auto& names = names_[static_cast<std::size_t>(at)];
    const auto found = names.find(name);
    if (found != names.end()) return found->second;
  }
  return add_value(scope, name);
}

void TypedGraph::connect() {
  for (int i = 0; std::cmp_less(i, nodes_.size()); ++i) {
    TypedNode& node = nodes_[static_cast<std::size_t>(i)];
    for (int input = 0; input < node.node->input_size(); ++input) {
      const int value = node.node->input(input).empty() ? kNone : resolve(node.scope, node.node->input(input));
      node.inputs.push_back(value);
      if (value != kNone) values_[static_cast<std::size_t>(value)].uses.push_back({i, kNone, input});
    }
  }
  for (int scope = 0; std::cmp_less(scope, scopes_.size()); ++scope) {
    TypedScope& of_graph = scopes_[static_cast<std::size_t>(scope)];
    for (int i = 0; i < of_graph.graph->output_size(); ++i) {
      const int value = resolve(scope, of_graph.graph->output(i).name());
      of_graph.outputs.push_back(value);
      values_[static_cast<std::size_t>(value)].uses.push_back({kNone, scope, i});
    }
  }
}

int TypedGraph::find(const std::string& name) const {
  const auto found = names_.front().find(name);
  return found == names_.front().end() ? kNone : found->second;
}

bool TypedGraph::is_constant(int index) const {
  const TypedValue& of = value(index);
  if (of.initializer != nullptr) return true;
  if (of.producer == kNone || !node(of.producer).is("Constant")) return false;
  const auto& attributes = node(of.producer).node->attribute();
  return std::ranges::none_of(attributes, [](const auto& attribute) { return attribute.name() == "sparse_value"; });
}

int TypedGraph::owner_input(const TypedScope& scope, int body_input) const {
  const TypedNode& owner = node(scope.owner);
  if (owner.is("Loop")) return body_input == 0 ? kNone : body_input;  // the trip count is not the counter
  constexpr int with_sequence_lengths = 8;                            // the first Scan has one more input
  if (owner.is("Scan")) {
    return body_input + (owner.schema != nullptr && owner.schema->SinceVersion() == with_sequence_lengths ? 1 : 0);
  }
  return kNone;
}

int TypedGraph::owner_output(const TypedScope& scope, int body_output) const {
  const TypedNode& owner = node(scope.owner);
  if (owner.is("If") || owner.is("Scan")) return body_output;
  if (owner.is("Loop")) return body_output == 0 ? kNone : body_output - 1;  // the first one is the condition
  return kNone;
}

}  // namespace trtprof::precision
