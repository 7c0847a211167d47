#include "trtprof/model/inference_model.h"

#include <algorithm>
#include <exception>
#include <set>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <onnx/defs/schema.h>
#include <onnx/inliner/inliner.h>

#include "trtprof/base/text.h"
#include "trtprof/model/graph_from_proto.h"
#include "trtprof/model/weightless_copy.h"

namespace trtprof {
namespace {

template <class GraphPointer>
std::vector<GraphPointer> outermost_first(GraphPointer main) {
  std::vector<GraphPointer> graphs = {main};
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    const GraphPointer graph = graphs[i];
    for (int n = 0; n < graph->node_size(); ++n) {
      if (graph->node(n).op_type() == "Constant") continue;  // has no bodies, and may be taken out
      for (const auto& attribute : graph->node(n).attribute()) {
        // What is reached from a graph is as const as that graph.
        if (attribute.has_g()) graphs.push_back(const_cast<GraphPointer>(&attribute.g()));
        for (const auto& below : attribute.graphs()) graphs.push_back(const_cast<GraphPointer>(&below));
      }
    }
  }
  return graphs;
}

// An initializer of an input's name is its default; here it is a constant.
void remove_inputs_with_defaults(onnx::GraphProto& graph) {
  std::unordered_set<std::string> initialized;
  for (const auto& tensor : graph.initializer()) initialized.insert(tensor.name());
  for (const auto& sparse : graph.sparse_initializer()) initialized.insert(sparse.values().name());
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> inputs;
  for (auto& input : *graph.mutable_input()) {
    if (!initialized.contains(input.name())) inputs.Add()->Swap(&input);
  }
  graph.mutable_input()->Swap(&inputs);
}

// The library stops at the first node of a domain that is not imported.
void import_every_domain(onnx::ModelProto& model) {
  std::set<std::string> imported;
  for (const auto& opset : model.opset_import()) imported.insert(opset.domain());
  if (imported.contains("ai.onnx")) imported.insert("");
  for (const onnx::GraphProto* graph : graphs_outermost_first(std::as_const(model))) {
    for (const auto& node : graph->node()) {
      if (!imported.insert(node.domain()).second) continue;
      auto& opset = *model.add_opset_import();
      opset.set_domain(node.domain());
      opset.set_version(1);
    }
  }
}

void inline_functions(InferenceModel& model) {
  if (model.proto.functions().empty()) return;
  onnx::ModelProto inlined = model.proto;
  try {
    onnx::inliner::InlineLocalFunctions(inlined);
  } catch (const std::exception& error) {
    model.notes.push_back(fmt::format("the model's functions are not inlined, so what is inside them is not seen: {}",
                                      printable(error.what())));
    return;
  }
  model.proto = std::move(inlined);
  for (const auto& function : model.proto.functions()) {
    model.notes.push_back(
        fmt::format("function {} is not inlined, so what is inside it is not seen", printable(function.name())));
  }
}

// Failures name nodes; one without a name goes by its first output, as in reports.
void name_nodes(onnx::GraphProto& graph) {
  for (auto& node : *graph.mutable_node()) {
    if (!node.name().empty()) continue;
    const auto& outputs = node.output();
    const auto named = std::ranges::find_if(outputs, [](const auto& name) { return !name.empty(); });
    if (named != outputs.end()) node.set_name(*named);
  }
}

std::vector<onnx::ValueInfoProto> take_stored_types(onnx::GraphProto& graph, bool is_main) {
  std::vector<onnx::ValueInfoProto> stored(graph.value_info().begin(), graph.value_info().end());
  graph.clear_value_info();
  for (auto& output : *graph.mutable_output()) {
    stored.push_back(output);
    // A branch has to say what it yields even where no node of its own makes that.
    if (is_main) {
      output.clear_type();
    } else if (output.type().has_tensor_type()) {
      output.mutable_type()->mutable_tensor_type()->clear_shape();
    }
  }
  return stored;
}

void note_unknown_operators(InferenceModel& model) {
  std::map<std::string, int> versions;
  for (const auto& opset : model.proto.opset_import()) {
    versions[opset.domain() == "ai.onnx" ? "" : opset.domain()] = static_cast<int>(opset.version());
  }
  std::set<std::pair<std::string, std::string>> functions;
  for (const auto& function : model.proto.functions()) functions.insert({function.domain(), function.name()});
  std::map<std::pair<std::string, std::string>, int> unknown;
  for (const GraphNode& node : model.graph.nodes) {
    if (functions.contains({node.domain, node.op_type})) continue;
    const auto version = versions.find(node.domain);
    if (version == versions.end() ||
        onnx::OpSchemaRegistry::Schema(node.op_type, version->second, node.domain) == nullptr) {
      ++unknown[{node.domain, node.op_type}];
    }
  }
  for (const auto& [op, count] : unknown) {
    const auto& [domain, op_type] = op;
    const std::string of_domain = domain.empty() ? "" : fmt::format(" of domain '{}'", printable(domain));
    model.notes.push_back(
        fmt::format("operator {}{} ({} node{}) is not known to ONNX: its outputs have the shapes that the model "
                    "stores, or none",
                    printable(op_type), of_domain, count, count == 1 ? "" : "s"));
  }
}

using Symbols = std::map<std::string, std::int64_t>;

Status bind_input(onnx::ValueInfoProto& input, const std::vector<std::int64_t>& shape, Symbols& symbols) {
  const std::string name = printable(input.name());
  auto& tensor = *input.mutable_type()->mutable_tensor_type();
  const ValueInfo declared = value_from_proto(input);
  const auto contradiction = [&] {
    return fail(fmt::format("input '{}' cannot be {}: the model declares {}", name, shape_to_string(shape),
                            printable(to_string(declared))));
  };
  if (declared.shape && declared.shape->size() != shape.size()) return contradiction();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0) return fail(fmt::format("input '{}' cannot be {}", name, shape_to_string(shape)));
    if (!declared.shape) continue;
    const Dimension& dimension = (*declared.shape)[i];
    if (dimension.value && *dimension.value != shape[i]) return contradiction();
    if (dimension.symbol.empty()) continue;
    const auto [bound, added] = symbols.emplace(dimension.symbol, shape[i]);
    if (!added && bound->second != shape[i]) {
      return fail(fmt::format("the dimension '{}' cannot be both {} and {}, as it is in input '{}'",
                              printable(dimension.symbol), bound->second, shape[i], name));
    }
  }
  tensor.mutable_shape()->clear_dim();
  for (const std::int64_t dim : shape) tensor.mutable_shape()->add_dim()->set_dim_value(dim);
  return {};
}

void set_symbols(onnx::ValueInfoProto& value, const Symbols& symbols) {
  if (!value.type().has_tensor_type() || !value.type().tensor_type().has_shape()) return;
  for (auto& dim : *value.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim()) {
    if (!dim.has_dim_param()) continue;
    const auto bound = symbols.find(dim.dim_param());
    if (bound != symbols.end()) dim.set_dim_value(bound->second);
  }
}

}  // namespace

std::vector<onnx::GraphProto*> graphs_outermost_first(onnx::ModelProto& model) {
  return outermost_first(model.mutable_graph());
}

std::vector<const onnx::GraphProto*> graphs_outermost_first(const onnx::ModelProto& model) {
  return outermost_first(&model.graph());
}

InferenceModel make_inference_model(const OnnxModel& source) {
  InferenceModel model;
  model.proto = copy_without_weights(source);
  // Before version 4 an initializer that is no input is nothing to the library; exporters left them out early.
  constexpr std::int64_t initializers_need_not_be_inputs = 4;
  model.proto.set_ir_version(std::max<std::int64_t>(model.proto.ir_version(), initializers_need_not_be_inputs));
  inline_functions(model);
  import_every_domain(model.proto);
  model.graph = graph_from_proto(model.proto);
  note_unknown_operators(model);
  for (onnx::GraphProto* graph : graphs_outermost_first(model.proto)) {
    remove_inputs_with_defaults(*graph);
    name_nodes(*graph);
    for (auto& input : *graph->mutable_input()) open_nameless_dimensions(*input.mutable_type());
    model.stored.push_back(take_stored_types(*graph, graph == &model.proto.graph()));
    for (auto& value : model.stored.back()) open_nameless_dimensions(*value.mutable_type());
  }
  declare_tensors_without_values(*model.proto.mutable_graph());
  return model;
}

Status bind_inputs(InferenceModel& model, const BoundShapes& shapes) {
  Symbols symbols;
  auto& inputs = *model.proto.mutable_graph()->mutable_input();
  for (const auto& [name, shape] : shapes) {
    const auto input = std::ranges::find_if(inputs, [&name = name](const auto& each) { return each.name() == name; });
    if (input == inputs.end()) return fail(fmt::format("the model has no input '{}'", printable(name)));
    if (const Status status = bind_input(*input, shape, symbols); !status) return status;
  }
  for (onnx::GraphProto* graph : graphs_outermost_first(model.proto)) {
    for (auto& input : *graph->mutable_input()) set_symbols(input, symbols);
  }
  for (auto& of_graph : model.stored) {
    for (auto& value : of_graph) set_symbols(value, symbols);
  }
  return {};
}

}  // namespace trtprof
