// Elementwise nodes between a Transpose and one that undoes it work on what lies before the first: both go.
#include <algorithm>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/no_effect.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"
#include "trtprof/optimize/passes/tensor_edit.h"
#include "trtprof/optimize/passes/transpose_region.h"

namespace trtprof::passes {
namespace {

bool is_permutation(const std::vector<std::int64_t>& order) {
  std::vector<std::int64_t> sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (std::cmp_not_equal(sorted[i], i)) return false;
  }
  return true;
}

class Sinking {
 public:
  Sinking(TransposeRegion region, PassContext& context)
      : region_(std::move(region)), context_(context), graph_(context.graph()) {}

  // Or a reason, and nothing is changed.
  Result<std::string> run() {
    for (onnx::NodeProto* node : region_.nodes) {
      if (std::string why = prepare_constants(*node); !why.empty()) return why;
    }
    for (onnx::NodeProto* node : region_.nodes) rewire(*node);
    for (const std::string& value : region_.wanted) {
      if (const Status done = transpose_for_others(value); !done) return forward_error(done);
    }
    // Their names go on, and their stored types would be wrong.
    for (onnx::NodeProto* node : region_.nodes) {
      const std::string value = node->output(0);
      graph_.forget_type(value);
      if (const Status renamed = graph_.rename(value, graph_.unique_name(value + "_before")); !renamed) {
        return forward_error(renamed);
      }
    }
    for (onnx::NodeProto* exit : region_.exits) {
      if (const Status gone = graph_.bypass(*exit, 0); !gone) return forward_error(gone);
    }
    for (const std::string& entry : entries_) graph_.remove_if_unused(entry);
    return std::string();
  }

 private:
  // Constants are laid out as what is transposed is.
  std::string prepare_constants(const onnx::NodeProto& node) {
    for (int i = 0; i < node.input_size(); ++i) {
      const std::string& input = node.input(i);
      if (input.empty() || !graph_.is_constant(input)) continue;
      auto value = graph_.constant(input);
      if (!value) return fmt::format("constant '{}' cannot be read", printable(input));
      if (element_count(value->shape) == 1U) continue;
      value->shape.insert(value->shape.begin(), region_.order.size() - value->shape.size(), 1);
      auto turned = transposed(*value, region_.back);
      if (!turned) return fmt::format("constant '{}' has a type that cannot be transposed here", printable(input));
      constants_.push_back({&node, i, *std::move(turned)});
    }
    return {};
  }

  void rewire(onnx::NodeProto& node) {
    for (Constant& constant : constants_) {
      if (constant.node != &node) continue;
      const std::string before = node.input(constant.input);
      graph_.set_input(node, constant.input, graph_.add_initializer(to_proto(constant.value, before)));
      graph_.remove_if_unused(before);
    }
    for (onnx::NodeProto* entry : region_.entries) {
      entries_.push_back(entry->output(0));
      for (int i = 0; i < node.input_size(); ++i) {
        if (node.input(i) == entry->output(0)) graph_.set_input(node, i, entry->input(0));
      }
    }
  }

  Status transpose_for_others(const std::string& value) {
    onnx::NodeProto transpose;
    transpose.set_op_type("Transpose");
    transpose.set_name(graph_.unique_name(value + "_transpose"));
    transpose.add_input(value);
    transpose.add_output(graph_.unique_name(value + "_transposed"));
    set_integers(transpose, "perm", region_.order);
    const auto uses = graph_.uses(value);
    const auto inserted = graph_.insert_after(*graph_.producer(value), transpose);
    if (!inserted) return forward_error(inserted);
    for (const GraphView::Use& use : uses) {
      const bool stays = std::ranges::count(region_.nodes, use.node) + std::ranges::count(region_.exits, use.node) != 0;
      if (!stays) graph_.set_input(*use.node, use.input, (*inserted)->output(0));
    }
    return {};
  }

  struct Constant {
    const onnx::NodeProto* node;
    int input;
    Tensor value;
  };
  TransposeRegion region_;
  PassContext& context_;
  GraphView& graph_;
  std::vector<Constant> constants_;
  std::vector<std::string> entries_;
};

// Elements that a Transpose of this value moves; 1 where that is not known.
double cost_of(const std::string& value, PassContext& context) {
  const auto shape = context.shape(value);
  const auto count = shape ? element_count(*shape) : std::nullopt;
  return count ? static_cast<double>(*count) : 1.0;
}

class TransposeSinking final : public NodePass {
 public:
  std::string_view name() const override { return "transpose-sinking"; }
  std::string_view description() const override {
    return "Transposes with elementwise nodes between them that undo each other; what is between works without them";
  }
  PassLevel level() const override { return PassLevel::structure; }
  std::vector<std::string_view> op_types() const override { return {"Transpose"}; }

 protected:
  Result<Attempt> attempt(onnx::NodeProto& node, PassContext& context) const override {
    const GraphView& graph = context.graph();
    const auto readers = graph.uses(node.output(0));
    const bool elementwise = std::ranges::any_of(readers, [](const auto& use) { return is_elementwise(*use.node); });
    if (!elementwise || graph.is_constant(node.input(0))) return not_mine();
    const auto order = permutation_of(node, context);
    if (!order || !is_permutation(*order)) return near_miss("its order is not known");
    TransposeRegion region = region_behind(node, *order, context);
    if (region.nodes.empty()) return near_miss("no Transpose behind the elementwise nodes that read it undoes it");
    if (!region.obstacle.empty()) return near_miss(region.obstacle);
    if (std::string why = why_no_gain(region, context); !why.empty()) return near_miss(std::move(why));
    Attempt done = applied(description_of(region), names_of(region));
    const auto refusal = Sinking(std::move(region), context).run();
    if (!refusal) return forward_error(refusal);
    return refusal->empty() ? std::move(done) : near_miss(*refusal);
  }

 private:
  static std::string why_no_gain(const TransposeRegion& region, PassContext& context) {
    const std::size_t removed = region.removable_entries.size() + region.exits.size();
    if (removed <= region.wanted.size()) {
      return fmt::format("it would take {} Transposes to save {}", region.wanted.size(), removed);
    }
    double saved = 0.0;
    double added = 0.0;
    for (const auto* nodes : {&region.removable_entries, &region.exits}) {
      for (const onnx::NodeProto* node : *nodes) saved += cost_of(node->output(0), context);
    }
    for (const std::string& value : region.wanted) added += cost_of(value, context);
    return added > saved ? "what it would transpose instead is larger" : "";
  }

  static std::string description_of(const TransposeRegion& region) {
    return fmt::format("{} and {} undo each other around {}{}", call(*region.entries.front()),
                       call(*region.exits.front()), call(*region.nodes.front()),
                       region.nodes.size() > 1 ? fmt::format(" and {} more", region.nodes.size() - 1) : "");
  }

  static std::vector<std::string> names_of(const TransposeRegion& region) {
    std::vector<std::string> names;
    for (const auto* nodes : {&region.entries, &region.nodes, &region.exits}) {
      for (const onnx::NodeProto* node : *nodes) names.push_back(name_of(*node));
    }
    return names;
  }
};

}  // namespace

const Pass& transpose_sinking() {
  static const TransposeSinking pass;
  return pass;
}

}  // namespace trtprof::passes
