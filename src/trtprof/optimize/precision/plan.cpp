#include "trtprof/optimize/precision/plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/precision/large_weights.h"
#include "trtprof/optimize/precision/name_pattern.h"
#include "trtprof/optimize/precision/overflow.h"
#include "trtprof/optimize/precision/shape_values.h"
#include "trtprof/optimize/precision/type_slots.h"

namespace trtprof::precision {
namespace {

// They only move values: between nodes of f32 they had better stay there than round values for nothing.
constexpr std::array kMoves = {"Identity",     "Reshape",      "Flatten",        "Squeeze",        "Unsqueeze",
                               "Transpose",    "Slice",        "Split",          "Gather",         "Expand",
                               "Tile",         "Concat",       "GatherND",       "GatherElements", "Compress",
                               "DepthToSpace", "SpaceToDepth", "ReverseSequence"};

// Q/DQ take the type of what is beside them: no Cast may come between a DequantizeLinear and its layer, which engines
// fuse. And what engines fuse to a layer stays with one that stays, for the same reason.
constexpr std::array kQuantizes = {"QuantizeLinear", "DequantizeLinear"};
constexpr std::array kFused = {"Relu", "Clip", "Add", "MaxPool"};

bool is_one_of(const TypedNode& node, std::span<const char* const> ops) {
  return std::ranges::any_of(ops, [&](const char* op) { return node.is(op); });
}

// Whose bodies have the types of its own inputs and outputs (TypedGraph::owner_input(), owner_output()).
bool steers(const TypedNode& node) {
  return node.is("If") || node.is("Loop") || node.is("Scan");
}

class Planner {
 public:
  Planner(const TypedGraph& graph, const PrecisionOptions& options, const std::filesystem::path& model_path)
      : graph_(graph),
        options_(options),
        of_shapes_(nodes_of_shapes(graph)),
        overflows_(graph, options),
        weights_(graph, options, model_path) {}

  Plan plan() {
    plan_.keep_io_types = options_.keep_io_types;
    for (int i = 0; std::cmp_less(i, graph_.nodes().size()); ++i) plan_.nodes.push_back(plan_node(i));
    keep_moves_between_f32();
    adapt();
    return std::move(plan_);
  }

 private:
  NodePlan plan_node(int index) const {
    const TypedNode& node = graph_.node(index);
    NodePlan plan;
    plan.narrow_inputs.assign(node.inputs.size(), false);
    plan.narrow_outputs.assign(node.outputs.size(), false);
    const auto is_float = [this](int value) { return value != kNone && graph_.value(value).is_float(); };
    plan.has_floats = !node.is("Constant") &&
                      (std::ranges::any_of(node.inputs, is_float) || std::ranges::any_of(node.outputs, is_float));
    if (!plan.has_floats) return plan;
    plan.reason = reason_to_block(index);
    if (!plan.reason.empty()) return plan;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const int at = static_cast<int>(i);
      plan.narrow_inputs[i] =
          is_float(node.inputs[i]) && !is_shape_input(node, at) && input_takes(node, at, options_.type);
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      plan.narrow_outputs[i] = is_float(node.outputs[i]) && output_takes(node, static_cast<int>(i), options_.type);
    }
    const auto any = [](const std::vector<bool>& flags) { return std::ranges::find(flags, true) != flags.end(); };
    plan.converts = any(plan.narrow_inputs) || any(plan.narrow_outputs);
    if (!plan.converts) plan.reason = lacks_type(node);
    return plan;
  }

  // "" for none.
  std::string reason_to_block(int index) const {
    const TypedNode& node = graph_.node(index);
    const std::string& op = node.node->op_type();
    if (std::ranges::find(options_.blocked_ops, op) != options_.blocked_ops.end()) {
      return fmt::format("{} is blocked by type", printable(op));
    }
    for (const std::string& pattern : options_.blocked_nodes) {
      if (matches_pattern(node.display_name(), pattern))
        return fmt::format("blocked by name ('{}')", printable(pattern));
    }
    if (node.schema == nullptr) {
      return fmt::format("{} of domain '{}' is not known to ONNX", printable(op), printable(node.node->domain()));
    }
    if (!node.schema->domain().empty()) {  // their attributes hold numbers of the type of their tensors
      return fmt::format("operators of domain '{}' stay in f32", printable(node.node->domain()));
    }
    if (std::string reason = unusable_value(node); !reason.empty()) return reason;
    const bool reads_shape = node.is("Shape") || node.is("Size");  // of any type
    if (of_shapes_[static_cast<std::size_t>(index)] && !reads_shape) return "it computes shapes or positions";
    if (options_.use_default_blocks) {
      for (const DefaultBlock& block : default_blocked_ops()) {
        if (node.is(block.op_type)) return block.reason;
      }
    }
    if (std::string reason = overflows_.reason(index); !reason.empty()) return reason;
    return weights_.reason(index);
  }

  std::string unusable_value(const TypedNode& node) const {
    const auto look = [&](const std::vector<int>& values, const char* what) -> std::string {
      for (const int index : values) {
        if (index == kNone) continue;
        const TypedValue& value = graph_.value(index);
        if (!value.is_tensor && !steers(node)) {
          return fmt::format("its {} '{}' is no plain tensor", what, printable(value.name));
        }
        if (value.is_tensor && value.type == 0) {
          return fmt::format("the type of its {} '{}' is not known", what, printable(value.name));
        }
      }
      return "";
    };
    const std::string reason = look(node.inputs, "input");
    return reason.empty() ? look(node.outputs, "output") : reason;
  }

  std::string lacks_type(const TypedNode& node) const {
    const char* type = to_string(options_.type);
    const auto first_float = [this](const std::vector<int>& values) -> std::optional<int> {
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] != kNone && graph_.value(values[i]).is_float()) return static_cast<int>(i);
      }
      return std::nullopt;
    };
    const auto input = first_float(node.inputs);
    const auto output = first_float(node.outputs);
    if (input && is_shape_input(node, *input)) return "its f32 inputs are shapes or positions";
    const auto opset = opset_that_takes(node, input.has_value(), input ? *input : output.value_or(0), options_.type);
    if (!opset) return fmt::format("ONNX has no {} for {}", type, node.node->op_type());
    return fmt::format("{} has {} from operator set {} on", node.node->op_type(), type, *opset);
  }

  bool stays_between_f32(const TypedNode& node, const std::vector<bool>& stays) const {
    const bool is_fused = is_one_of(node, kFused);
    const auto is_f32_or_stays = [&](int neighbour, bool narrow) {
      // Inputs and outputs of the model are no layers that it would stay with.
      if (neighbour == kNone) return !narrow && !is_fused;
      return !narrow || stays[static_cast<std::size_t>(neighbour)];
    };
    bool any = node.is("DequantizeLinear");  // reads no float but its scale
    for (const int input : node.inputs) {
      if (input == kNone || !graph_.value(input).is_float() || graph_.is_constant(input)) continue;
      any = true;
      const TypedValue& value = graph_.value(input);
      if (!is_f32_or_stays(value.producer, plan_.made_narrow(graph_, value))) return false;
    }
    for (const int output : node.outputs) {
      if (output == kNone || !graph_.value(output).is_float()) continue;
      for (const ValueUse& use : graph_.value(output).uses) {
        if (!is_f32_or_stays(use.node, plan_.wanted_narrow(graph_, use))) return false;
      }
    }
    return any;
  }

  // All of them at first, less those that have to do with the new type, until nothing changes.
  void keep_moves_between_f32() {
    std::vector<bool> stays(graph_.nodes().size(), false);
    std::vector<int> candidates;
    for (int i = 0; std::cmp_less(i, stays.size()); ++i) {
      const TypedNode& node = graph_.node(i);
      const bool follows = is_one_of(node, kMoves) || is_one_of(node, kQuantizes) || is_one_of(node, kFused);
      if (!plan_.node(i).converts || !follows) continue;
      stays[static_cast<std::size_t>(i)] = true;
      candidates.push_back(i);
    }
    const auto leaves = [&](int i) { return !stays_between_f32(graph_.node(i), stays); };
    for (bool changed = true; changed;) {
      changed = std::erase_if(candidates, [&](int i) {
                  if (!leaves(i)) return false;
                  stays[static_cast<std::size_t>(i)] = false;
                  return true;
                }) > 0;
    }
    for (const int i : candidates) {
      NodePlan& plan = plan_.nodes[static_cast<std::size_t>(i)];
      plan.converts = false;
      plan.reason = is_one_of(graph_.node(i), kMoves) ? "it moves values from f32 to f32"
                                                      : "it has the type of what is beside it";
      plan.narrow_inputs.assign(plan.narrow_inputs.size(), false);
      plan.narrow_outputs.assign(plan.narrow_outputs.size(), false);
    }
  }

  // Shape, Size and Cast read any type alike, and a Cast makes any: a Cast before or behind them would be for nothing.
  void adapt() {
    for (int i = 0; std::cmp_less(i, graph_.nodes().size()); ++i) {
      const TypedNode& node = graph_.node(i);
      NodePlan& plan = plan_.nodes[static_cast<std::size_t>(i)];
      const bool is_cast = node.is("Cast");
      if ((!is_cast && !node.is("Shape") && !node.is("Size")) || !plan.converts) continue;
      const TypedValue& input = graph_.value(node.inputs.front());
      if (input.is_float()) {
        plan.narrow_inputs.front() = !graph_.is_constant(node.inputs.front()) && plan_.made_narrow(graph_, input);
      }
      if (plan.narrow_outputs.front()) {
        const auto& uses = graph_.value(node.outputs.front()).uses;
        plan.narrow_outputs.front() =
            std::ranges::any_of(uses, [&](const ValueUse& use) { return plan_.wanted_narrow(graph_, use); });
      }
      plan.converts = is_cast && (plan.narrow_inputs.front() || plan.narrow_outputs.front());
    }
  }

  const TypedGraph& graph_;
  const PrecisionOptions& options_;
  std::vector<bool> of_shapes_;
  Overflows overflows_;
  LargeWeights weights_;
  Plan plan_;
};

}  // namespace

std::int32_t onnx_type(HalfType type) {
  return type == HalfType::f16 ? onnx::TensorProto::FLOAT16 : onnx::TensorProto::BFLOAT16;
}

bool Plan::made_narrow(const TypedGraph& graph, const TypedValue& value) const {
  if (value.producer != kNone) {
    const auto& outputs = graph.node(value.producer).outputs;
    const int index = static_cast<int>(&value - graph.values().data());
    const auto at = std::ranges::find(outputs, index) - outputs.begin();
    return node(value.producer).narrow_outputs[static_cast<std::size_t>(at)];
  }
  if (value.graph_input == kNone) return false;
  const TypedScope& scope = graph.scope(value.scope);
  if (scope.owner == kNone) return !keep_io_types;
  const int input = graph.owner_input(scope, value.graph_input);
  const auto& narrow = node(scope.owner).narrow_inputs;
  return input != kNone && std::cmp_less(input, narrow.size()) && narrow[static_cast<std::size_t>(input)];
}

bool Plan::wanted_narrow(const TypedGraph& graph, const ValueUse& use) const {
  if (use.node != kNone) return node(use.node).narrow_inputs[static_cast<std::size_t>(use.index)];
  const TypedScope& scope = graph.scope(use.scope);
  if (scope.owner == kNone) return !keep_io_types;
  const int output = graph.owner_output(scope, use.index);
  const auto& narrow = node(scope.owner).narrow_outputs;
  return output != kNone && std::cmp_less(output, narrow.size()) && narrow[static_cast<std::size_t>(output)];
}

Plan make_plan(const TypedGraph& graph, const PrecisionOptions& options, const std::filesystem::path& model_path) {
  return Planner(graph, options, model_path).plan();
}

}  // namespace trtprof::precision
