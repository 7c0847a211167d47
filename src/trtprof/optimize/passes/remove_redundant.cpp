// Nodes that give what they get, and pairs of which the second undoes the first or makes it needless.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/no_effect.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

enum class Pair {
  none,
  undone,   // both together do nothing
  skipped,  // the second could as well read what the first reads
};

// Of a Dropout that does something: what.
std::string dropout_effect(const onnx::NodeProto& node, const PassContext& context) {
  if (uses_outputs_from(context.graph(), node, 1)) return "its mask is read";
  if (context.opset() < 7 && integer_of(node, "is_test", 0) == 0) return "it is in training mode: is_test is 0";
  const std::string& training = input_of(node, 2);
  if (training.empty()) return {};
  const auto mode = constant_scalar(context.graph(), training);
  if (!mode) return "whether it is in training mode is computed";
  return *mode == 0.0 ? "" : "it is in training mode";
}

Pair casts(const onnx::NodeProto& first, const onnx::NodeProto& second, PassContext& context) {
  const ElementType before = context.type(input_of(first, 0));
  const ElementType between = context.type(output_of(first, 0));
  const ElementType after = context.type(output_of(second, 0));
  if (before == ElementType::unknown || after == ElementType::unknown || !holds(before, between)) return Pair::none;
  return before == after ? Pair::undone : Pair::skipped;
}

// What two Transposes do together.
std::optional<std::vector<std::int64_t>> both_orders(const onnx::NodeProto& first, const onnx::NodeProto& second,
                                                     PassContext& context) {
  const auto one = permutation_of(first, context);
  const auto two = permutation_of(second, context);
  if (!one || !two || one->size() != two->size()) return std::nullopt;
  std::vector<std::int64_t> both;
  for (const std::int64_t from : *two) {
    if (from < 0 || std::cmp_greater_equal(from, one->size())) return std::nullopt;
    both.push_back((*one)[static_cast<std::size_t>(from)]);
  }
  return both;
}

Pair transposes(const onnx::NodeProto& first, const onnx::NodeProto& second, PassContext& context) {
  const auto order = both_orders(first, second, context);
  if (!order) return Pair::none;
  return std::ranges::is_sorted(*order) ? Pair::undone : Pair::skipped;
}

Pair renamings(const onnx::NodeProto& first, const onnx::NodeProto& second, PassContext& context) {
  if (same_shape_of_renamed(context, first.input(0), second.output(0))) return Pair::undone;
  if (!is_op(second, "Reshape")) return Pair::none;
  auto target = constant_integers(context.graph(), input_of(second, 1));
  if (!target) target = integers_of(second, "shape");
  // A 0 stands for the dimension of the input, which would be another one.
  const bool copies = target && integer_of(second, "allowzero", 0) == 0 && std::ranges::count(*target, 0) != 0;
  return target && !copies ? Pair::skipped : Pair::none;
}

Pair pair_of(const onnx::NodeProto& first, const onnx::NodeProto& second, PassContext& context) {
  if (is_op(first, "Cast") && is_op(second, "Cast")) return casts(first, second, context);
  if (is_op(first, "Transpose") && is_op(second, "Transpose")) return transposes(first, second, context);
  if (only_renames(first) && only_renames(second)) return renamings(first, second, context);
  return Pair::none;
}

class RemoveRedundant final : public NodePass {
 public:
  std::string_view name() const override { return "remove-redundant"; }
  std::string_view description() const override {
    return "Nodes without effect (Identity, Dropout, no-op Slice, Pad, Reshape, ...) and pairs that cancel";
  }
  PassLevel level() const override { return PassLevel::exact; }
  std::vector<std::string_view> op_types() const override {
    return {"Identity", "Dropout", "Cast",   "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
            "Slice",    "Pad",     "Expand", "Tile",      "Split",   "Concat",  "Sum",     "Max",
            "Min",      "Mean",    "Add",    "Sub",       "Mul",     "Div",     "Pow"};
  }

 protected:
  Result<Attempt> attempt(onnx::NodeProto& node, PassContext& context) const override {
    if (is_op(node, "Dropout")) {
      std::string effect = dropout_effect(node, context);
      if (!effect.empty()) return near_miss(std::move(effect));
      return bypass(node, {0, "Dropout does nothing in inference"}, context.graph());
    }
    if (const auto nothing = no_effect_of(node, context)) return bypass(node, *nothing, context.graph());
    onnx::NodeProto* first = context.graph().producer(input_of(node, 0));
    return first == nullptr ? Result<Attempt>(not_mine()) : join(*first, node, context);
  }

 private:
  static Result<Attempt> bypass(onnx::NodeProto& node, const NoEffect& nothing, GraphView& graph) {
    Attempt done = applied(fmt::format("{} goes: {}", call(node), nothing.why), {name_of(node)});
    if (const Status gone = graph.bypass(node, nothing.input); !gone) {
      return near_miss(fmt::format("{}, but {}", nothing.why, gone.error().message));
    }
    return done;
  }

  static Result<Attempt> join(onnx::NodeProto& first, onnx::NodeProto& second, PassContext& context) {
    GraphView& graph = context.graph();
    const Pair pair = pair_of(first, second, context);
    const std::string between = second.input(0);
    if (pair == Pair::none || uses_outputs_from(graph, first, 1)) return not_mine();
    if (pair == Pair::undone) return cancel(first, second, graph);
    // With other readers the first stays, and nothing is saved.
    if (only_reader(graph, between) == nullptr) return not_mine();
    Attempt done =
        applied(fmt::format("{} reads what {} read", call(second), call(first)), {name_of(first), name_of(second)});
    if (is_op(second, "Transpose")) set_integers(second, "perm", both_orders(first, second, context).value());
    graph.set_input(second, 0, first.input(0));
    graph.remove_if_unused(between);
    return done;
  }

  static Result<Attempt> cancel(onnx::NodeProto& first, onnx::NodeProto& second, GraphView& graph) {
    const std::string between = second.input(0);
    const std::string before = first.input(0);
    Attempt done = applied(fmt::format("{} undoes {}", call(second), call(first)), {name_of(first), name_of(second)});
    graph.set_input(second, 0, before);
    if (const Status gone = graph.bypass(second, 0); !gone) {
      graph.set_input(second, 0, between);
      return near_miss(fmt::format("it undoes {}, but {}", call(first), gone.error().message));
    }
    graph.remove_if_unused(between);
    return done;
  }
};

}  // namespace

const Pass& remove_redundant() {
  static const RemoveRedundant pass;
  return pass;
}

}  // namespace trtprof::passes
