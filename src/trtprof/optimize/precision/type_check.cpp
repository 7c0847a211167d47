#include "trtprof/optimize/precision/type_check.h"

#include <algorithm>
#include <exception>
#include <set>

#include <fmt/format.h>
#include <onnx/inliner/inliner.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include "trtprof/base/text.h"
#include "trtprof/model/element_types.h"
#include "trtprof/model/inference_model.h"
#include "trtprof/model/inference_schemas.h"
#include "trtprof/model/model_check.h"
#include "trtprof/optimize/precision/plan.h"
#include "trtprof/optimize/precision/shape_values.h"
#include "trtprof/optimize/precision/type_slots.h"
#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof {
namespace {

using precision::kNone;
using precision::TypedGraph;
using precision::TypedNode;

Status inline_functions(OnnxModel& model) {
  if (model.proto().functions().empty()) return {};
  try {
    onnx::inliner::InlineLocalFunctions(model.mutable_proto());
  } catch (const std::exception& error) {
    return fail(fmt::format("the model's functions cannot be inlined: {}", printable(error.what())));
  }
  return {};
}

std::string scope_name(const TypedGraph& graph, int scope) {
  if (graph.scope(scope).owner == kNone) return "";
  const TypedNode& owner = graph.node(graph.scope(scope).owner);
  std::string name = owner.display_name();
  for (const auto& attribute : owner.node->attribute()) {
    const bool is_it = attribute.has_g() && &attribute.g() == graph.scope(scope).graph;
    if (is_it) name += "/" + attribute.name();
  }
  const std::string parent = scope_name(graph, graph.scope(scope).parent);
  return parent.empty() ? name : parent + "/" + name;
}

std::string who(const TypedNode& node) {
  return fmt::format("node '{}' ({})", printable(node.display_name()), printable(node.node->op_type()));
}

Status infer_strictly(const OnnxModel& model) {
  InferenceModel inference = make_inference_model(model);
  // The types that the model stores of computed values are part of what is checked: make_inference_model() took them
  // out.
  const auto graphs = graphs_outermost_first(inference.proto);
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    for (const auto& value : inference.stored[i]) {
      onnx::ValueInfoProto declared = value;
      if (declared.type().has_tensor_type()) declared.mutable_type()->mutable_tensor_type()->clear_shape();
      const bool is_output =
          std::ranges::any_of(graphs[i]->output(), [&](const auto& output) { return output.name() == value.name(); });
      if (!is_output) *graphs[i]->add_value_info() = declared;
    }
  }
  const onnx::ShapeInferenceOptions options(true, 1, false);
  try {
    onnx::shape_inference::InferShapes(inference.proto, &inference_schemas(), options);
  } catch (const std::exception& error) {
    return fail(fmt::format("the types of the converted model do not hold together: {}", printable(error.what())));
  }
  return {};
}

Status check_no_cast_undoes_another(const TypedGraph& graph) {
  for (const TypedNode& node : graph.nodes()) {
    if (!node.is("Cast") || node.inputs.front() == kNone || node.outputs.front() == kNone) continue;
    const auto& from = graph.value(node.inputs.front());
    const auto& to = graph.value(node.outputs.front());
    if (from.producer == kNone || !graph.node(from.producer).is("Cast")) continue;
    const int origin = graph.node(from.producer).inputs.front();
    const bool wider = from.is_float() || graph.value(origin).is_float();
    if (origin != kNone && wider && graph.value(origin).type == to.type) {
      return fail(fmt::format("{} undoes {}", who(node), who(graph.node(from.producer))));
    }
  }
  return {};
}

class StillF32 {
 public:
  StillF32(const TypedGraph& graph, const PrecisionReport& report) : graph_(graph), type_(report.type) {
    for (const BlockedNode& node : report.blocked) {
      blocked_.insert(node.node);
      blocked_.insert(node.node + "_f32");  // a node without a name whose output was renamed
    }
  }

  [[nodiscard]] Status check(const TypedNode& node) const {
    const bool takes_what_there_is = node.is("Cast") || node.is("Shape") || node.is("Size");
    if (takes_what_there_is || node.is("Constant") || node.schema == nullptr ||
        blocked_.contains(node.display_name())) {
      return {};
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const int at = static_cast<int>(i);
      if (is_float(node.inputs[i]) && input_takes(node, at, type_) && !is_shape_input(node, at)) {
        return says(node, "input", node.inputs[i]);
      }
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (is_float(node.outputs[i]) && output_takes(node, static_cast<int>(i), type_)) {
        return says(node, "output", node.outputs[i]);
      }
    }
    return {};
  }

 private:
  [[nodiscard]] bool is_float(int value) const { return value != kNone && graph_.value(value).is_float(); }
  [[nodiscard]] Status says(const TypedNode& node, const char* what, int value) const {
    return fail(fmt::format("{} has the f32 {} '{}' and could have {}", who(node), what,
                            printable(graph_.value(value).name), to_string(type_)));
  }

  const TypedGraph& graph_;
  HalfType type_;
  std::set<std::string> blocked_;
};

}  // namespace

Result<std::vector<NodeTypes>> node_types(const OnnxModel& model) {
  OnnxModel copy = model.clone();
  if (const Status inlined = inline_functions(copy); !inlined) return forward_error(inlined);
  const TypedGraph graph(copy);
  const auto type_of = [&graph](int value) {
    return value == kNone ? ElementType::unknown : element_type_from_onnx(graph.value(value).type);
  };
  std::vector<NodeTypes> types;
  for (const TypedNode& node : graph.nodes()) {
    NodeTypes& of_node = types.emplace_back();
    of_node.node = node.display_name();
    of_node.op_type = node.node->op_type();
    of_node.scope = scope_name(graph, node.scope);
    std::ranges::transform(node.inputs, std::back_inserter(of_node.inputs), type_of);
    std::ranges::transform(node.outputs, std::back_inserter(of_node.outputs), type_of);
  }
  return types;
}

Status check_converted_types(const OnnxModel& model, const PrecisionReport& report) {
  OnnxModel copy = model.clone();
  if (const Status inlined = inline_functions(copy); !inlined) return inlined;
  std::vector<std::string> warnings;
  if (const Status status = check_model_proto(copy.mutable_proto(), "the converted model", warnings); !status) {
    return status;
  }
  if (const Status status = infer_strictly(copy); !status) return status;
  const TypedGraph graph(copy);
  if (const Status status = check_no_cast_undoes_another(graph); !status) return status;
  const StillF32 still(graph, report);
  for (const TypedNode& node : graph.nodes()) {
    if (const Status status = still.check(node); !status) return status;
  }
  return {};
}

}  // namespace trtprof
