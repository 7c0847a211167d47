// 1x1 convolutions in a row without anything between are one, where that is less work; such convolutions of the same
// input are one that is split afterwards.
#include <algorithm>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/parallel_convs.h"
#include "trtprof/optimize/passes/passes.h"
#include "trtprof/optimize/passes/pointwise_conv.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

class MergeConv1x1 final : public NodePass {
 public:
  std::string_view name() const override { return "merge-conv-1x1"; }
  std::string_view description() const override {
    return "1x1 convolutions in a row where one is less work; those of the same input, as one that is split";
  }
  PassLevel level() const override { return PassLevel::structure; }
  std::vector<std::string_view> op_types() const override { return {"Conv"}; }

 protected:
  Result<Attempt> attempt(onnx::NodeProto& node, PassContext& context) const override {
    const GraphView& graph = context.graph();
    if (!is_pointwise(node, context)) return not_mine();
    onnx::NodeProto* before = graph.producer(node.input(0));
    if (before != nullptr && is_op(*before, "Conv") && is_pointwise(*before, context)) {
      auto joined = join_row(*before, node, context);
      if (!joined || joined->outcome == Attempt::Outcome::applied) return joined;
      auto merged = merge_parallel(node, context);
      return !merged || merged->outcome == Attempt::Outcome::applied ? merged : joined;
    }
    return merge_parallel(node, context);
  }

 private:
  static Result<Attempt> join_row(onnx::NodeProto& first, onnx::NodeProto& second, PassContext& context) {
    GraphView& graph = context.graph();
    if (only_reader(graph, first.output(0)) == nullptr) {
      return near_miss(fmt::format("others read what {} makes, too", call(first)));
    }
    const auto one = PointwiseConv::read(graph, first);
    const auto two = PointwiseConv::read(graph, second);
    if (!one || !two) return near_miss(!one ? one.error() : two.error());
    if (one->type != two->type)
      return near_miss(fmt::format("its weights have another type than those of {}", call(first)));
    // Multiplications for each pixel that the second makes; the first makes more of them where the second has strides.
    const double apart = static_cast<double>(one->outputs * one->inputs) * two->pixels_read() +
                         static_cast<double>(two->outputs * two->inputs);
    const auto together = static_cast<double>(two->outputs * one->inputs);
    if (together >= apart) {
      return near_miss(fmt::format("with {} as one it would take {} multiplications a pixel instead of {}", call(first),
                                   together, apart));
    }
    const PointwiseConv product = row(*one, *two);
    if (!product.is_finite()) return near_miss("weights of both as one would not be finite");
    Attempt done =
        applied(fmt::format("{} and {} are one", call(first), call(second)), {name_of(first), name_of(second)});
    product.store(graph, second);
    set_integers(second, "strides", product.strides);
    const std::string between = second.input(0);
    graph.set_input(second, 0, first.input(0));
    graph.remove_if_unused(between);
    return done;
  }
};

}  // namespace

const Pass& merge_conv_1x1() {
  static const MergeConv1x1 pass;
  return pass;
}

}  // namespace trtprof::passes
