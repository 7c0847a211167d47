#include "trtprof/optimize/passes/transpose_region.h"

#include <algorithm>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/no_effect.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

using Order = std::vector<std::int64_t>;

Order inverse_of(const Order& order) {
  Order inverse(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    inverse[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  return inverse;
}

class RegionFinder {
 public:
  RegionFinder(onnx::NodeProto& start, Order order, PassContext& context)
      : start_(start), context_(context), graph_(context.graph()) {
    region_.back = inverse_of(order);
    region_.order = std::move(order);
  }

  TransposeRegion find() {
    collect();
    prune();
    keep_connected();
    describe();
    return std::move(region_);
  }

 private:
  bool is_transpose(const onnx::NodeProto& node, const Order& order) {
    return is_op(node, "Transpose") && permutation_of(node, context_) == order;
  }

  // Stored order is topological, so that one walk finds everything.
  void collect() {
    for (onnx::NodeProto* node : graph_.nodes()) {
      if (is_transpose(*node, region_.order) && !graph_.is_constant(node->input(0))) {
        entries_.emplace(node->output(0), node);
      } else if (takes(*node)) {
        nodes_.push_back(node);
        inside_.emplace(node->output(0), node);
      }
    }
  }

  bool takes(const onnx::NodeProto& node) {
    if (!is_elementwise(node) || uses_outputs_from(graph_, node, 1)) return false;
    if (context_.rank(output_of(node, 0)) != region_.order.size()) return false;
    bool any = false;
    for (int i = 0; i < node.input_size(); ++i) {
      const std::string& input = node.input(i);
      if (input.empty()) continue;
      const bool data = i == 0 || broadcasts_constants(node);
      const bool inside = data && (entries_.contains(input) || inside_.contains(input));
      if (!inside && !takes_constant(node, input)) return false;
      any = any || inside;
    }
    return any;
  }

  bool takes_constant(const onnx::NodeProto& node, const std::string& input) {
    if (!graph_.is_constant(input)) return false;
    const auto shape = context_.shape(input);
    if (!shape || shape->size() > region_.order.size()) return false;
    return broadcasts_constants(node) || element_count(*shape) == 1U;
  }

  // Nodes that lead to no Transpose that undoes the first may as well stay behind one.
  void prune() {
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      const auto uses = graph_.uses(nodes_[i]->output(0));
      const bool leads = std::ranges::any_of(uses, [&](const GraphView::Use& use) {
        return use.input != GraphView::kInSubgraph &&
               (is_transpose(*use.node, region_.back) || kept_.contains(use.node));
      });
      if (leads) kept_.insert(nodes_[i]);
    }
  }

  // Forwards and backwards from the start, until nothing is added.
  void keep_connected() {
    std::vector<std::string> pending = {start_.output(0)};
    std::unordered_set<std::string> seen(pending.begin(), pending.end());
    const auto visit = [&](const std::string& value) {
      if ((entries_.contains(value) || inside_.contains(value)) && seen.insert(value).second) pending.push_back(value);
    };
    std::unordered_set<const onnx::NodeProto*> connected;
    const auto connect = [&](const onnx::NodeProto& node) {
      if (!kept_.contains(&node) || !connected.insert(&node).second) return;
      for (const auto& input : node.input()) visit(input);
      visit(node.output(0));
    };
    while (!pending.empty()) {
      const std::string value = std::move(pending.back());
      pending.pop_back();
      if (const auto maker = inside_.find(value); maker != inside_.end()) connect(*maker->second);
      for (const GraphView::Use& use : graph_.uses(value)) connect(*use.node);
    }
    for (onnx::NodeProto* node : nodes_) {
      if (connected.contains(node)) region_.nodes.push_back(node);
    }
    in_region_ = std::move(connected);
  }

  void describe() {
    for (const onnx::NodeProto* node : region_.nodes) {
      for (const auto& input : node->input()) {
        const auto entry = entries_.find(input);
        if (entry == entries_.end() || std::ranges::count(region_.entries, entry->second) != 0) continue;
        region_.entries.push_back(entry->second);
      }
    }
    for (onnx::NodeProto* entry : region_.entries) {
      const auto uses = graph_.uses(entry->output(0));
      const bool inside_only =
          std::ranges::all_of(uses, [&](const auto& use) { return in_region_.contains(use.node); });
      if (inside_only && !graph_.is_graph_output(entry->output(0))) region_.removable_entries.push_back(entry);
    }
    for (const onnx::NodeProto* node : region_.nodes) describe_readers(node->output(0));
  }

  void describe_readers(const std::string& value) {
    bool wanted = false;
    for (const GraphView::Use& use : graph_.uses(value)) {
      if (use.input == GraphView::kInSubgraph) {
        region_.obstacle = fmt::format("a body of {} reads '{}'", call(*use.node), printable(value));
      } else if (is_transpose(*use.node, region_.back)) {
        region_.exits.push_back(use.node);
      } else if (!in_region_.contains(use.node)) {
        wanted = true;
      }
    }
    if (wanted) region_.wanted.push_back(value);
    if (graph_.is_graph_output(value))
      region_.obstacle = fmt::format("'{}' is an output of the graph", printable(value));
  }

  onnx::NodeProto& start_;
  PassContext& context_;
  GraphView& graph_;
  TransposeRegion region_;
  std::unordered_map<std::string, onnx::NodeProto*> entries_;  // by output
  std::unordered_map<std::string, onnx::NodeProto*> inside_;   // by output
  std::vector<onnx::NodeProto*> nodes_;
  std::unordered_set<const onnx::NodeProto*> kept_;
  std::unordered_set<const onnx::NodeProto*> in_region_;
};

}  // namespace

bool broadcasts_constants(const onnx::NodeProto& node) {
  return is_one_of(node, {"Add",
                          "Sub",
                          "Mul",
                          "Div",
                          "Pow",
                          "Min",
                          "Max",
                          "Sum",
                          "Mean",
                          "PRelu",
                          "Where",
                          "And",
                          "Or",
                          "Xor",
                          "Equal",
                          "Greater",
                          "GreaterOrEqual",
                          "Less",
                          "LessOrEqual",
                          "Mod"});
}

bool is_elementwise(const onnx::NodeProto& node) {
  return broadcasts_constants(node) || is_one_of(node, {"Relu",
                                                        "LeakyRelu",
                                                        "Sigmoid",
                                                        "Tanh",
                                                        "Clip",
                                                        "HardSwish",
                                                        "HardSigmoid",
                                                        "Elu",
                                                        "Selu",
                                                        "Celu",
                                                        "Softplus",
                                                        "Softsign",
                                                        "Gelu",
                                                        "Mish",
                                                        "ThresholdedRelu",
                                                        "Abs",
                                                        "Neg",
                                                        "Exp",
                                                        "Log",
                                                        "Sqrt",
                                                        "Reciprocal",
                                                        "Floor",
                                                        "Ceil",
                                                        "Round",
                                                        "Erf",
                                                        "Sign",
                                                        "Not",
                                                        "Cast",
                                                        "Identity",
                                                        "Sin",
                                                        "Cos",
                                                        "IsNaN",
                                                        "IsInf",
                                                        "QuantizeLinear",
                                                        "DequantizeLinear"});
}

TransposeRegion region_behind(onnx::NodeProto& start, std::vector<std::int64_t> order, PassContext& context) {
  return RegionFinder(start, std::move(order), context).find();
}

}  // namespace trtprof::passes
