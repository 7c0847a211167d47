#include "trtprof/optimize/passes/parallel_convs.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/pointwise_conv.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

// What engines run as a part of the convolution before it.
bool is_fused_behind(const onnx::NodeProto& node) {
  return is_one_of(node, {"Relu", "Clip", "Sigmoid", "Tanh", "LeakyRelu", "HardSwish", "HardSigmoid", "Elu", "Gelu",
                          "Mish", "Softplus", "PRelu", "Add", "Sub", "Mul", "Div", "BatchNormalization", "Min", "Max"});
}

bool is_activation(const onnx::NodeProto& node) {
  return is_one_of(node, {"Relu", "Clip", "Sigmoid", "Tanh", "LeakyRelu", "HardSwish", "HardSigmoid", "Elu", "Gelu",
                          "Mish", "Softplus"});
}

// The same operator with the same numbers.
bool alike(const onnx::NodeProto& a, const onnx::NodeProto& b, const GraphView& graph) {
  if (a.op_type() != b.op_type() || a.input_size() != b.input_size() || a.attribute_size() != b.attribute_size()) {
    return false;
  }
  for (int i = 1; i < a.input_size(); ++i) {
    if (a.input(i) == b.input(i)) continue;
    const auto one = constant_scalar(graph, a.input(i));
    if (!one || one != constant_scalar(graph, b.input(i))) return false;
  }
  return std::ranges::all_of(a.attribute(), [&](const auto& attribute) {
    const auto* other = attribute_of(b, attribute.name());
    return other != nullptr && other->SerializeAsString() == attribute.SerializeAsString();
  });
}

struct Branch {
  onnx::NodeProto* node;
  PointwiseConv conv;
  onnx::NodeProto* activation = nullptr;  // that every branch has
  [[nodiscard]] const std::string& result() const {
    return activation != nullptr ? activation->output(0) : node->output(0);
  }
};

class ParallelMerge {
 public:
  ParallelMerge(onnx::NodeProto& first, PassContext& context)
      : first_(first), context_(context), graph_(context.graph()) {}

  Result<Attempt> run() {
    if (std::string why = collect(); !why.empty()) return near_miss(std::move(why));
    if (branches_.size() < 2) return not_mine();
    if (std::string why = take_activations(); !why.empty()) return near_miss(std::move(why));
    for (const Branch& branch : branches_) {
      if (graph_.is_graph_output(branch.result())) {
        return near_miss(fmt::format("'{}' is an output of the graph", printable(branch.result())));
      }
    }
    std::vector<std::string> names;
    for (const Branch& branch : branches_) names.push_back(name_of(*branch.node));
    Attempt done = applied(fmt::format("{} and {} more that read '{}' are one", call(first_), branches_.size() - 1,
                                       printable(first_.input(0))),
                           std::move(names));
    if (const Status built = build(); !built) return forward_error(built);
    return done;
  }

 private:
  // Those behind the first; what comes before it has been the first itself.
  std::string collect() {
    constexpr std::int64_t split_has_sizes = 2;
    for (const GraphView::Use& use : graph_.uses(first_.input(0))) {
      if (use.input != 0 || !is_pointwise(*use.node, context_)) continue;
      auto conv = PointwiseConv::read(graph_, *use.node);
      if (!conv && use.node == &first_) return conv.error();
      if (!conv) continue;
      branches_.push_back({use.node, *std::move(conv)});
    }
    keep_those_like_the_first();
    return branches_.size() > 1 && context_.opset() < split_has_sizes ? "Split takes no sizes in this operator set"
                                                                      : "";
  }

  // In stored order; empty where another is stored before `first_`: that was asked when its turn came.
  void keep_those_like_the_first() {
    const auto mine = std::ranges::find(branches_, &first_, &Branch::node);
    if (mine == branches_.end()) return branches_.clear();
    const PointwiseConv model = mine->conv;
    std::erase_if(branches_, [&](const Branch& each) {
      return each.conv.type != model.type || each.conv.strides != model.strides;
    });
    const auto nodes = graph_.nodes();
    std::ranges::sort(branches_, {}, [&](const Branch& each) { return std::ranges::find(nodes, each.node); });
    if (branches_.front().node != &first_) branches_.clear();
  }

  std::string take_activations() {
    for (Branch& branch : branches_) {
      onnx::NodeProto* reader = only_reader(graph_, branch.node->output(0));
      if (reader != nullptr && is_activation(*reader) && reader->input(0) == branch.node->output(0)) {
        branch.activation = reader;
      }
    }
    const onnx::NodeProto* model = branches_.front().activation;
    const bool same = model != nullptr && std::ranges::all_of(branches_, [&](const Branch& branch) {
                        return branch.activation != nullptr && alike(*model, *branch.activation, graph_);
                      });
    if (same) return {};
    for (Branch& branch : branches_) {
      branch.activation = nullptr;
      for (const GraphView::Use& use : graph_.uses(branch.node->output(0))) {
        if (!is_fused_behind(*use.node)) continue;
        return fmt::format("{} behind {} could not be fused through a Split", call(*use.node), call(*branch.node));
      }
    }
    return {};
  }

  Status build() {
    PointwiseConv all = branches_.front().conv;
    const bool biased = std::ranges::any_of(branches_, [](const Branch& each) { return !each.conv.bias.empty(); });
    all.outputs = 0;
    all.weights.clear();
    all.bias.clear();
    std::vector<std::int64_t> sizes;
    for (const Branch& branch : branches_) {
      all.outputs += branch.conv.outputs;
      sizes.push_back(static_cast<std::int64_t>(branch.conv.outputs));
      all.weights.insert(all.weights.end(), branch.conv.weights.begin(), branch.conv.weights.end());
      if (!biased) continue;
      all.bias.insert(all.bias.end(), branch.conv.bias.begin(), branch.conv.bias.end());
      all.bias.resize(all.outputs);
    }
    const auto conv = insert_like(*branches_.front().node, first_, first_.input(0), "_merged");
    if (!conv) return forward_error(conv);
    // One of its own, so that the first convolution's goes with it.
    all.store(graph_, **conv);
    onnx::NodeProto* last = *conv;
    if (const onnx::NodeProto* activation = branches_.front().activation) {
      const auto act = insert_like(*activation, **conv, (*conv)->output(0), "_merged");
      if (!act) return forward_error(act);
      last = *act;
    }
    const auto split = graph_.insert_after(*last, split_of(last->output(0), sizes));
    if (!split) return forward_error(split);
    return replace_branches(**split);
  }

  // A copy of `node` behind `place` that reads `data`.
  Result<onnx::NodeProto*> insert_like(const onnx::NodeProto& node, const onnx::NodeProto& place,
                                       const std::string& data, const std::string& suffix) {
    onnx::NodeProto copy = node;
    copy.set_name(graph_.unique_name(name_of(node) + suffix));
    copy.set_input(0, data);
    for (int i = 1; i < copy.input_size(); ++i) {
      // A Constant node may be stored behind the place.
      const onnx::NodeProto* maker = graph_.producer(copy.input(i));
      if (maker == nullptr) continue;
      const auto value = graph_.constant(copy.input(i));
      if (!value) return forward_error(value);
      copy.set_input(i, graph_.add_initializer(to_proto(*value, copy.input(i))));
    }
    copy.set_output(0, graph_.unique_name(node.output(0) + suffix));
    return graph_.insert_after(place, copy);
  }

  onnx::NodeProto split_of(const std::string& value, const std::vector<std::int64_t>& sizes) {
    constexpr std::int64_t sizes_are_input = 13;
    onnx::NodeProto split;
    split.set_op_type("Split");
    split.set_name(graph_.unique_name(value + "_split"));
    split.add_input(value);
    set_integer(split, "axis", 1);
    if (context_.opset() < sizes_are_input) {
      set_integers(split, "split", sizes);
    } else {
      const Tensor tensor = tensor_of_integers({static_cast<std::int64_t>(sizes.size())}, sizes);
      split.add_input(graph_.add_initializer(to_proto(tensor, split.name() + ".sizes")));
    }
    for (const Branch& branch : branches_) split.add_output(graph_.unique_name(branch.result() + "_part"));
    return split;
  }

  Status replace_branches(const onnx::NodeProto& split) {
    for (std::size_t i = 0; i < branches_.size(); ++i) {
      const std::string result = branches_[i].result();
      graph_.replace_uses(result, split.output(static_cast<int>(i)));
      graph_.remove_if_unused(result);
    }
    return {};
  }

  onnx::NodeProto& first_;
  PassContext& context_;
  GraphView& graph_;
  std::vector<Branch> branches_;
};

}  // namespace

Result<Attempt> merge_parallel(onnx::NodeProto& conv, PassContext& context) {
  return ParallelMerge(conv, context).run();
}

}  // namespace trtprof::passes
