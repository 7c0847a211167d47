// A Pad with zeros is the padding of the convolution behind it, or of an average over all that was padded.
#include <algorithm>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

using Pads = std::vector<std::int64_t>;  // begins, then ends

// Of every dimension; or why they are not known.
tl::expected<Pads, std::string> pads_of(const onnx::NodeProto& node, PassContext& context) {
  constexpr std::int64_t pads_are_input = 11;
  if (context.opset() < pads_are_input) {
    auto stored = integers_of(node, context.opset() < 2 ? "paddings" : "pads");
    if (!stored) return tl::unexpected(std::string("it has no pads"));
    return *std::move(stored);
  }
  auto given = constant_integers(context.graph(), input_of(node, 1));
  if (!given) return tl::unexpected(std::string("its pads are not a constant"));
  if (input_of(node, 3).empty()) return *std::move(given);
  const auto axes = constant_integers(context.graph(), node.input(3));
  const auto rank = context.rank(input_of(node, 0));
  if (!axes || !rank || given->size() != 2 * axes->size()) return tl::unexpected(std::string("its axes are not known"));
  Pads all(2 * *rank);
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::int64_t axis = (*axes)[i] < 0 ? (*axes)[i] + static_cast<std::int64_t>(*rank) : (*axes)[i];
    if (axis < 0 || std::cmp_greater_equal(axis, *rank))
      return tl::unexpected(std::string("its axes are out of range"));
    all[static_cast<std::size_t>(axis)] = (*given)[i];
    all[static_cast<std::size_t>(axis) + *rank] = (*given)[axes->size() + i];
  }
  return all;
}

std::string why_not_zeros(const onnx::NodeProto& node, const PassContext& context) {
  if (const std::string mode = text_of(node, "mode", "constant"); mode != "constant") {
    return fmt::format("it pads by '{}', not with zeros", printable(mode));
  }
  double value = number_of(node, "value", 0.0F);
  if (!input_of(node, 2).empty()) {
    const auto given = constant_scalar(context.graph(), node.input(2));
    if (!given) return "the value it pads with is not a constant";
    value = *given;
  }
  return value == 0.0 ? "" : fmt::format("it pads with {}, not with zeros", value);
}

// Of the dimensions behind batch and channels; or why they are none that a layer has.
tl::expected<Pads, std::string> spatial(const Pads& pads) {
  const std::size_t rank = pads.size() / 2;
  if (rank < 3) return tl::unexpected(std::string("its input has no dimensions behind batch and channels"));
  if (pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0) {
    return tl::unexpected(std::string("it pads the batch or the channels"));
  }
  if (std::ranges::any_of(pads, [](std::int64_t pad) { return pad < 0; })) {
    return tl::unexpected(std::string("it cuts off as well: a pad is negative"));
  }
  Pads result(pads.begin() + 2, pads.begin() + static_cast<std::ptrdiff_t>(rank));
  result.insert(result.end(), pads.begin() + static_cast<std::ptrdiff_t>(rank) + 2, pads.end());
  return result;
}

// Of the layer, all zeros where it stores none.
Pads pads_of_layer(const onnx::NodeProto& layer, std::size_t count) {
  return integers_of(layer, "pads").value_or(Pads(count));
}

std::string why_not_average(const onnx::NodeProto& layer, const Pads& pads, const PassContext& context) {
  constexpr std::int64_t knows_count_include_pad = 7;
  const Pads own = pads_of_layer(layer, pads.size());
  const auto kernel = integers_of(layer, "kernel_shape").value_or(Pads{});
  const bool pads_itself = std::ranges::any_of(own, [](std::int64_t pad) { return pad != 0; });
  if (context.opset() < knows_count_include_pad) return "in this operator set it cannot average over what is padded";
  if (pads_itself && integer_of(layer, "count_include_pad", 0) == 0)
    return "it leaves its own padding out of the average";
  if (integer_of(layer, "ceil_mode", 0) != 0) return "it rounds its size up, and windows past the end count otherwise";
  for (std::size_t i = 0; i < pads.size(); ++i) {
    const std::size_t axis = i % (pads.size() / 2);
    if (axis >= kernel.size() || pads[i] + own[i] >= kernel[axis]) return "its windows would lie in the padding alone";
  }
  return {};
}

// Why this reader cannot pad for itself; empty: it can.
std::string why_not_reader(const onnx::NodeProto& layer, const Pads& pads, const PassContext& context) {
  if (is_op(layer, "MaxPool")) return "it does not count its padding, and a zero may be the largest";
  if (!is_one_of(layer, {"Conv", "AveragePool"})) return "it cannot pad";
  const std::string automatic = text_of(layer, "auto_pad", "NOTSET");
  if (automatic != "NOTSET" && automatic != "VALID") return fmt::format("it pads as {} says", printable(automatic));
  if (pads_of_layer(layer, pads.size()).size() != pads.size()) return "it has pads for other dimensions";
  return is_op(layer, "Conv") ? std::string() : why_not_average(layer, pads, context);
}

class PadIntoConv final : public NodePass {
 public:
  std::string_view name() const override { return "pad-into-conv"; }
  std::string_view description() const override {
    return "Pad with zeros into the padding of Conv, or of AveragePool that counts it";
  }
  PassLevel level() const override { return PassLevel::rounding; }
  std::vector<std::string_view> op_types() const override { return {"Pad"}; }

 protected:
  Result<Attempt> attempt(onnx::NodeProto& node, PassContext& context) const override {
    GraphView& graph = context.graph();
    const std::string padded = node.output(0);
    if (std::string why = why_not_zeros(node, context); !why.empty()) return near_miss(std::move(why));
    const auto all = pads_of(node, context);
    if (!all) return near_miss(all.error());
    const auto pads = spatial(*all);
    if (!pads) return near_miss(pads.error());
    if (graph.is_graph_output(padded))
      return near_miss(fmt::format("'{}' is an output of the graph", printable(padded)));
    const auto readers = graph.uses(padded);
    for (const GraphView::Use& use : readers) {
      if (use.input != 0)
        return near_miss(fmt::format("{} reads it as something else than its image", call(*use.node)));
      if (std::string why = why_not_reader(*use.node, *pads, context); !why.empty()) {
        return near_miss(fmt::format("{} reads it: {}", call(*use.node), why));
      }
    }
    std::vector<std::string> names = {name_of(node)};
    for (const GraphView::Use& use : readers) {
      add_pads(*use.node, *pads);
      names.push_back(name_of(*use.node));
    }
    Attempt done = applied(fmt::format("{} is the padding of {}{}", call(node), call(*readers[0].node),
                                       readers.size() > 1 ? " and others" : ""),
                           std::move(names));
    if (const Status gone = graph.bypass(node, 0); !gone) return forward_error(gone);
    return done;
  }

 private:
  static void add_pads(onnx::NodeProto& layer, const Pads& pads) {
    Pads sum = pads_of_layer(layer, pads.size());
    for (std::size_t i = 0; i < pads.size(); ++i) sum[i] += pads[i];
    remove_attribute(layer, "auto_pad");
    set_integers(layer, "pads", sum);
    if (is_op(layer, "AveragePool")) set_integer(layer, "count_include_pad", 1);
  }
};

}  // namespace

const Pass& pad_into_conv() {
  static const PadIntoConv pass;
  return pass;
}

}  // namespace trtprof::passes
