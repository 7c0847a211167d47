// A factor or a term for each channel, or one for all, behind a layer with weights: the weights take it.
#include <algorithm>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/linear_layer.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

// The constant by channel of a value of that rank; or why it is something else.
tl::expected<std::vector<double>, std::string> by_channel(const Numbers& numbers, std::size_t rank,
                                                          const LinearLayer& layer) {
  const std::size_t count = numbers.values.size();
  const std::size_t channels = layer.output_channels();
  if (numbers.shape.size() > rank) return tl::unexpected(std::string("its constant has more dimensions"));
  if (count == 1) return std::vector<double>(channels, numbers.values[0]);
  const std::size_t axis = layer.channel_axis() < 0 ? rank - 1 : static_cast<std::size_t>(layer.channel_axis());
  const std::size_t left_out = rank - numbers.shape.size();
  const bool has_axis = axis >= left_out && std::cmp_equal(numbers.shape[axis - left_out], channels);
  if (!has_axis || count != channels) {
    return tl::unexpected(fmt::format("its constant of {} is not one number for each of the {} channels",
                                      shape_to_string(numbers.shape), channels));
  }
  return numbers.values;
}

class MulAddIntoConv final : public NodePass {
 public:
  std::string_view name() const override { return "mul-add-into-conv"; }
  std::string_view description() const override {
    return "Mul, Div, Add and Sub with a constant into the weights of Conv, ConvTranspose, Gemm or MatMul before it";
  }
  PassLevel level() const override { return PassLevel::rounding; }
  std::vector<std::string_view> op_types() const override { return {"Mul", "Div", "Add", "Sub"}; }

 protected:
  Result<Attempt> attempt(onnx::NodeProto& node, PassContext& context) const override {
    const GraphView& graph = context.graph();
    if (node.input_size() != 2 || node.attribute_size() != 0) return not_mine();  // operator sets before 7
    const bool second = graph.is_constant(node.input(1));
    if (second == graph.is_constant(node.input(0))) return not_mine();
    const int data = second ? 0 : 1;
    onnx::NodeProto* maker = graph.producer(node.input(data));
    if (maker == nullptr || !LinearLayer::is_one(*maker)) return not_mine();
    if (data == 1 && is_one_of(node, {"Div", "Sub"})) {
      return near_miss("its constant is on the left");
    }
    if (only_reader(graph, node.input(data)) == nullptr) {
      return near_miss(fmt::format("others read what {} makes, too", call(*maker)));
    }
    return fold(node, data, *maker, context);
  }

 private:
  static Result<Attempt> fold(onnx::NodeProto& node, int data, onnx::NodeProto& maker, PassContext& context) {
    GraphView& graph = context.graph();
    auto layer = LinearLayer::read(graph, maker);
    if (!layer) return near_miss(layer.error());
    const bool scales = is_one_of(node, {"Mul", "Div"});
    if (!scales && !layer->takes_bias()) return near_miss(fmt::format("{} has no bias to take it", call(maker)));
    const auto rank = context.rank(node.input(data));
    const auto numbers = constant_numbers(graph, node.input(1 - data));
    if (!rank || !numbers) return near_miss(rank ? "its constant cannot be read as numbers" : "the rank is not known");
    auto values = by_channel(*numbers, *rank, *layer);
    if (!values) return near_miss(values.error());
    for (double& value : *values) {
      if (is_op(node, "Div")) value = 1.0 / value;
      if (is_op(node, "Sub")) value = -value;
    }
    if (scales) {
      layer->scale_outputs(*values);
    } else {
      layer->shift_outputs(*values);
    }
    if (auto why = layer->store(graph)) return near_miss(*std::move(why));
    Attempt done = applied(fmt::format("{} is part of {}", call(node), call(maker)), {name_of(node), name_of(maker)});
    if (const Status gone = graph.bypass(node, data); !gone) return forward_error(gone);
    return done;
  }
};

}  // namespace

const Pass& mul_add_into_conv() {
  static const MulAddIntoConv pass;
  return pass;
}

}  // namespace trtprof::passes
