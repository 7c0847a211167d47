#include "trtprof/model/shape_inference.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/model/graph_from_proto.h"
#include "trtprof/model/inference_model.h"
#include "trtprof/model/inference_run.h"

namespace trtprof {
namespace {

// In order of first sight, found by name.
class ValueTable {
 public:
  // A value that has a place from an enclosing graph keeps it; within one graph a shape is added to a type.
  void add(ValueInfo value, std::size_t graph) {
    if (value.type == ElementType::unknown && !value.shape) return;
    const auto [place, added] = places_.try_emplace(value.name, Place{values_.size(), graph});
    if (added) {
      values_.push_back(std::move(value));
    } else if (ValueInfo& known = values_[place->second.index]; place->second.graph == graph && !known.shape) {
      known.shape = std::move(value.shape);
    }
  }

  [[nodiscard]] ValueInfo* find(const std::string& name, std::size_t graph) {
    const auto place = places_.find(name);
    return place == places_.end() || place->second.graph != graph ? nullptr : &values_[place->second.index];
  }

  [[nodiscard]] std::vector<ValueInfo>& values() { return values_; }

 private:
  struct Place {
    std::size_t index;
    std::size_t graph;
  };
  std::vector<ValueInfo> values_;
  std::unordered_map<std::string, Place> places_;
};

ValueInfo value_of(const onnx::TensorProto& tensor) {
  onnx::ValueInfoProto declaration;
  declaration.set_name(tensor.name());
  auto& type = *declaration.mutable_type()->mutable_tensor_type();
  type.set_elem_type(tensor.data_type());
  type.mutable_shape();
  for (const auto dim : tensor.dims()) type.mutable_shape()->add_dim()->set_dim_value(dim);
  return value_from_proto(declaration);
}

ValueTable collect_values(const onnx::ModelProto& model) {
  ValueTable table;
  std::size_t index = 0;
  for (const onnx::GraphProto* graph : graphs_outermost_first(model)) {
    for (const auto* values : {&graph->input(), &graph->output(), &graph->value_info()}) {
      for (const auto& value : *values) table.add(value_from_proto(value), index);
    }
    for (const auto& tensor : graph->initializer()) table.add(value_of(tensor), index);
    ++index;
  }
  return table;
}

// Gives back the stored types of values whose rank inference did not find: outputs of operators that ONNX does not
// know.
std::optional<onnx::ModelProto> with_stored_types(const InferenceModel& model, ValueTable& inferred) {
  std::optional<onnx::ModelProto> completed;
  std::vector<onnx::GraphProto*> graphs;
  for (std::size_t i = 0; i < model.stored.size(); ++i) {
    for (const auto& value : model.stored[i]) {
      const ValueInfo* known = inferred.find(value.name(), i);
      if (known != nullptr && known->shape) continue;
      if (!value.type().has_tensor_type() || !value.type().tensor_type().has_shape()) continue;
      if (!completed) {
        completed = model.proto;
        graphs = graphs_outermost_first(*completed);
      }
      if (i < graphs.size()) *graphs[i]->add_value_info() = value;
    }
  }
  return completed;
}

// Dimensions that inference left open get what the model stores of them. Where the user chose the shapes, a stored
// number may be of other shapes, but a name is a name.
void complete_dimensions(ValueTable& table, const InferenceModel& model, bool bound) {
  for (std::size_t i = 0; i < model.stored.size(); ++i) {
    for (const auto& proto : model.stored[i]) {
      ValueInfo* value = table.find(proto.name(), i);
      const ValueInfo stored = value_from_proto(proto);
      if (value == nullptr || !value->shape || !stored.shape || value->shape->size() != stored.shape->size()) continue;
      for (std::size_t d = 0; d < stored.shape->size(); ++d) {
        Dimension& dimension = (*value->shape)[d];
        const Dimension& known = (*stored.shape)[d];
        if (!dimension.value && dimension.symbol.empty() && !(bound && known.value)) dimension = known;
      }
    }
  }
}

std::unordered_set<std::string> symbols_of(const InferenceModel& model) {
  std::unordered_set<std::string> symbols;
  const auto add = [&symbols](const onnx::ValueInfoProto& proto) {
    const ValueInfo value = value_from_proto(proto);
    if (!value.shape) return;
    for (const Dimension& dimension : *value.shape) symbols.insert(dimension.symbol);
  };
  for (const onnx::GraphProto* graph : graphs_outermost_first(model.proto)) {
    std::ranges::for_each(graph->input(), add);
  }
  for (const auto& of_graph : model.stored) std::ranges::for_each(of_graph, add);
  return symbols;
}

// The library invents a name for every open dimension that it meets.
void remove_invented_symbols(ValueTable& table, const InferenceModel& model) {
  const auto symbols = symbols_of(model);
  for (ValueInfo& value : table.values()) {
    if (!value.shape) continue;
    for (Dimension& dimension : *value.shape) {
      if (!symbols.contains(dimension.symbol)) dimension.symbol.clear();
    }
  }
}

// Failures in the words of this library.
class FailureReader {
 public:
  explicit FailureReader(const onnx::ModelProto& model) {
    for (const onnx::GraphProto* graph : graphs_outermost_first(model)) {
      for (const auto& node : graph->node()) nodes_.emplace(failure_key(node), &node);
    }
  }

  [[nodiscard]] const onnx::NodeProto* node_of(const NodeFailure& failure) const {
    const auto node = nodes_.find(failure.node);
    return node == nodes_.end() ? nullptr : node->second;
  }

  [[nodiscard]] std::string describe(const NodeFailure& failure) const {
    const onnx::NodeProto* node = node_of(failure);
    if (node == nullptr) return printable(failure.node + (failure.node.empty() ? "" : ": ") + failure.reason);
    return fmt::format("node '{}' ({}): {}", printable(node->name()), printable(node->op_type()),
                       printable(failure.reason));
  }

 private:
  std::unordered_map<std::string, const onnx::NodeProto*> nodes_;
};

std::string inputs_of(const onnx::NodeProto& node, const onnx::ModelProto& model) {
  ValueTable table = collect_values(model);
  std::string text;
  for (const auto& name : node.input()) {
    const auto& values = table.values();
    const auto value = std::ranges::find_if(values, [&name](const ValueInfo& each) { return each.name == name; });
    if (value == values.end()) continue;
    text += (text.empty() ? "" : ", ") + printable(to_string(*value));
  }
  return text;
}

tl::unexpected<Error> contradiction(const NodeFailure& failure, const onnx::ModelProto& model,
                                    const BoundShapes& shapes) {
  std::string bound;
  for (const auto& [name, shape] : shapes) {
    bound += fmt::format("{}{} {}", bound.empty() ? "" : ", ", printable(name), shape_to_string(shape));
  }
  const FailureReader reader(model);
  const onnx::NodeProto* node = reader.node_of(failure);
  const std::string inputs = node == nullptr ? "" : inputs_of(*node, model);
  return fail(fmt::format("the model cannot take {}: {}{}", bound, reader.describe(failure),
                          inputs.empty() ? "" : fmt::format(" (its inputs: {})", inputs)));
}

// A failure that the model has without any shapes bound is the model's, not the shapes'.
const NodeFailure* failure_of_shapes(const std::vector<NodeFailure>& bound, const std::vector<NodeFailure>& unbound) {
  std::unordered_set<std::string> known;
  for (const NodeFailure& each : unbound) known.insert(each.node);
  const auto failure =
      std::ranges::find_if(bound, [&known](const NodeFailure& each) { return !known.contains(each.node); });
  return failure == bound.end() ? nullptr : &*failure;
}

void use_stored_types(const InferenceModel& model, InferenceRun& run, std::vector<std::string>& notes) {
  ValueTable inferred = collect_values(run.model);
  const auto completed = with_stored_types(model, inferred);
  if (!completed) return;
  InferenceRun again = run_inference(*completed);
  if (const NodeFailure* failure = failure_of_shapes(again.failures, run.failures)) {
    notes.push_back("the shapes that the model stores of outputs that ONNX cannot infer are not used: " +
                    FailureReader(again.model).describe(*failure));
    return;
  }
  run = std::move(again);
}

}  // namespace

Result<InferredShapes> infer_shapes(const OnnxModel& source, const BoundShapes& shapes) {
  InferenceModel model = make_inference_model(source);
  const onnx::ModelProto unbound = shapes.empty() ? onnx::ModelProto() : model.proto;
  if (const Status status = bind_inputs(model, shapes); !status) return forward_error(status);
  InferenceRun run = run_inference(model.proto);
  if (!run.failures.empty() && !shapes.empty()) {
    const InferenceRun without_shapes = run_inference(unbound);
    if (const NodeFailure* failure = failure_of_shapes(run.failures, without_shapes.failures)) {
      return contradiction(*failure, run.model, shapes);
    }
  }
  InferredShapes result;
  result.notes = std::move(model.notes);
  use_stored_types(model, run, result.notes);
  const FailureReader reader(run.model);
  for (const NodeFailure& failure : run.failures) result.notes.push_back(reader.describe(failure));
  ValueTable table = collect_values(run.model);
  remove_invented_symbols(table, model);
  complete_dimensions(table, model, !shapes.empty());
  result.values = std::move(table.values());
  result.graph = std::move(model.graph);
  return result;
}

}  // namespace trtprof
