// The same limits in one form: Relu for Clip from 0, Clip for Min and Max with constants, one node for two, HardSwish
// for its parts. Engines fuse the forms that they know into the layer before.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kClipLimitsAreInputs = 11;
constexpr std::int64_t kHardSwishIsAnOperator = 14;

// min(max(x, low), high); low <= high.
struct Limits {
  double low = -kInfinity;
  double high = kInfinity;
  int data = 0;  // the input that is limited
};

double clamped(double value, const Limits& limits) {
  return std::min(std::max(value, limits.low), limits.high);
}

// Past the largest number of f32 nothing is limited: it was Clip's default before limits became inputs.
Limits opened(Limits limits) {
  constexpr double largest = std::numeric_limits<float>::max();
  if (limits.low <= -largest) limits.low = -kInfinity;
  if (limits.high >= largest) limits.high = kInfinity;
  return limits;
}

std::optional<Limits> limits_of_clip(const onnx::NodeProto& node, const PassContext& context) {
  Limits limits;
  if (context.opset() < kClipLimitsAreInputs) {
    limits.low = number_of(node, "min", std::numeric_limits<float>::lowest());
    limits.high = number_of(node, "max", std::numeric_limits<float>::max());
  } else {
    for (const int input : {1, 2}) {
      if (input_of(node, input).empty()) continue;
      const auto limit = constant_scalar(context.graph(), node.input(input));
      if (!limit) return std::nullopt;
      (input == 1 ? limits.low : limits.high) = *limit;
    }
  }
  return opened(limits);
}

// Max(x, c) and Min(x, c) of one constant number.
std::optional<Limits> limits_of_extremum(const onnx::NodeProto& node, PassContext& context) {
  constexpr std::int64_t broadcasts = 8;
  if (context.opset() < broadcasts || node.input_size() != 2) return std::nullopt;
  for (const int data : {0, 1}) {
    const auto limit = constant_scalar(context.graph(), node.input(1 - data));
    // A constant of more dimensions would add them to the result.
    if (!limit || context.graph().is_constant(node.input(data)) ||
        !context.same_shape(node.input(data), node.output(0))) {
      continue;
    }
    Limits limits;
    limits.data = data;
    (is_op(node, "Max") ? limits.low : limits.high) = *limit;
    return limits;
  }
  return std::nullopt;
}

std::optional<Limits> limits_of(const onnx::NodeProto& node, PassContext& context) {
  std::optional<Limits> limits;
  if (is_op(node, "Relu")) limits = Limits{0.0, kInfinity};
  if (is_op(node, "Clip")) limits = limits_of_clip(node, context);
  if (is_one_of(node, {"Min", "Max"})) limits = limits_of_extremum(node, context);
  const bool in_order = limits && limits->low <= limits->high && !std::isnan(limits->low) && !std::isnan(limits->high);
  return in_order ? limits : std::nullopt;
}

bool is_relu(const Limits& limits) {
  return limits.low == 0.0 && limits.high == kInfinity;
}

std::string text_of_limits(const Limits& limits) {
  const auto limit = [](double value) { return std::isinf(value) ? std::string("none") : fmt::format("{}", value); };
  return fmt::format("from {} to {}", limit(limits.low), limit(limits.high));
}

// Makes the node limit `value` so. Its type is that of the value; f32, or what the operator set allows.
class LimitWriter {
 public:
  LimitWriter(onnx::NodeProto& node, PassContext& context) : node_(node), context_(context), graph_(context.graph()) {}

  void write(const std::string& value, const Limits& limits, ElementType type) {
    const std::vector<std::string> before(node_.input().begin(), node_.input().end());
    graph_.set_input(node_, 0, value);
    graph_.truncate_inputs(node_, 1);
    node_.clear_attribute();
    node_.set_op_type(is_relu(limits) ? "Relu" : "Clip");
    if (!is_relu(limits)) write_limits(limits, type);
    for (const std::string& input : before) graph_.remove_if_unused(input);
  }

 private:
  void write_limits(const Limits& limits, ElementType type) {
    if (context_.opset() < kClipLimitsAreInputs) {
      if (!std::isinf(limits.low)) set_number(node_, "min", static_cast<float>(limits.low));
      if (!std::isinf(limits.high)) set_number(node_, "max", static_cast<float>(limits.high));
      return;
    }
    if (!std::isinf(limits.low)) graph_.set_input(node_, 1, constant(limits.low, "min", type));
    if (!std::isinf(limits.high)) graph_.set_input(node_, 2, constant(limits.high, "max", type));
  }

  std::string constant(double value, std::string_view role, ElementType type) {
    const auto tensor = tensor_of_numbers(type, {}, {value});
    return graph_.add_initializer(to_proto(tensor.value(), fmt::format("{}.{}", name_of(node_), role)));
  }

  onnx::NodeProto& node_;
  PassContext& context_;
  GraphView& graph_;
};

// Types that the limits are written in; the others keep their form.
bool has_limits(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f64;
}

// x * HardSigmoid(x) with HardSwish's numbers; the value x, or "".
std::string hard_swish_of(const onnx::NodeProto& node, const GraphView& graph) {
  for (const int gate : {0, 1}) {
    const onnx::NodeProto* maker = graph.producer(input_of(node, gate));
    if (maker == nullptr || !is_op(*maker, "HardSigmoid")) continue;
    const bool alpha = std::abs(number_of(*maker, "alpha", 0.2F) - 1.0F / 6.0F) < 1e-6F;
    const bool beta = number_of(*maker, "beta", 0.5F) == 0.5F;
    if (alpha && beta && maker->input(0) == input_of(node, 1 - gate)) return maker->input(0);
  }
  return {};
}

class ClipReluCanonical final : public NodePass {
 public:
  std::string_view name() const override { return "clip-relu-canonical"; }
  std::string_view description() const override {
    return "Clip, Relu, Min and Max with constants as one Relu or Clip; HardSigmoid times its input as HardSwish";
  }
  PassLevel level() const override { return PassLevel::exact; }
  std::vector<std::string_view> op_types() const override { return {"Clip", "Relu", "Min", "Max", "Mul"}; }

 protected:
  Result<Attempt> attempt(onnx::NodeProto& node, PassContext& context) const override {
    if (is_op(node, "Mul")) return hard_swish(node, context);
    const auto limits = limits_of(node, context);
    if (!limits) {
      return is_op(node, "Clip") ? near_miss("its limits are not constants, or not in order") : not_mine();
    }
    if (std::isinf(limits->low) && std::isinf(limits->high)) return bypass(node, context.graph());
    onnx::NodeProto* before = context.graph().producer(node.input(limits->data));
    if (before != nullptr && is_one_of(*before, {"Clip", "Relu", "Min", "Max"})) {
      if (const auto first = limits_of(*before, context)) return join(*before, *first, node, *limits, context);
    }
    return rewrite(node, *limits, context);
  }

 private:
  static Result<Attempt> bypass(onnx::NodeProto& node, GraphView& graph) {
    Attempt done = applied(fmt::format("{} limits nothing", call(node)), {name_of(node)});
    if (const Status gone = graph.bypass(node, 0); !gone) {
      return near_miss(fmt::format("it limits nothing, but {}", gone.error().message));
    }
    return done;
  }

  static Result<Attempt> rewrite(onnx::NodeProto& node, const Limits& limits, PassContext& context) {
    const ElementType type = context.type(node.output(0));
    const bool canonical = is_op(node, "Relu") || (is_op(node, "Clip") && !is_relu(limits));
    if (canonical) return not_mine();
    // Relu knows every float type; limits of others would have to be written.
    const bool half = type == ElementType::f16 || type == ElementType::bf16;
    if (!has_limits(type) && !(is_relu(limits) && half)) {
      return near_miss(fmt::format("its type is {}", to_string(type)));
    }
    Attempt done = applied(
        fmt::format("{} is {}", call(node), is_relu(limits) ? "Relu" : fmt::format("Clip {}", text_of_limits(limits))),
        {name_of(node)});
    const std::string value = node.input(limits.data);
    LimitWriter(node, context).write(value, limits, type);
    return done;
  }

  // What is limited twice, once.
  static Result<Attempt> join(onnx::NodeProto& before, const Limits& first, onnx::NodeProto& node, const Limits& second,
                              PassContext& context) {
    if (only_reader(context.graph(), before.output(0)) == nullptr) {
      return near_miss(fmt::format("{} limits its input already, but others read that, too", call(before)));
    }
    const ElementType type = context.type(node.output(0));
    const Limits both{clamped(first.low, second), clamped(first.high, second), 0};
    const bool half = type == ElementType::f16 || type == ElementType::bf16;
    if (!has_limits(type) && !(is_relu(both) && half)) return near_miss(fmt::format("its type is {}", to_string(type)));
    Attempt done = applied(fmt::format("{} takes in {}: {}", call(node), call(before), text_of_limits(both)),
                           {name_of(before), name_of(node)});
    // A copy: the node goes.
    const std::string value = before.input(first.data);  // NOLINT(performance-unnecessary-copy-initialization)
    LimitWriter(node, context).write(value, both, type);
    return done;
  }

  static Result<Attempt> hard_swish(onnx::NodeProto& node, PassContext& context) {
    const std::string value = hard_swish_of(node, context.graph());
    if (value.empty()) return not_mine();
    if (context.opset() < kHardSwishIsAnOperator) {
      return near_miss(fmt::format("HardSwish is an operator from opset {} on, and the model has {}",
                                   kHardSwishIsAnOperator, context.opset()));
    }
    const int gate = node.input(0) == value ? 1 : 0;
    const std::string gate_value = node.input(gate);
    if (only_reader(context.graph(), gate_value) == nullptr) {
      return near_miss("others read what its HardSigmoid makes, too");
    }
    Attempt done =
        applied(fmt::format("{} and {} are HardSwish", call(*context.graph().producer(gate_value)), call(node)),
                {name_of(*context.graph().producer(gate_value)), name_of(node)});
    context.graph().set_input(node, 0, value);
    context.graph().truncate_inputs(node, 1);
    node.clear_attribute();
    node.set_op_type("HardSwish");
    context.graph().remove_if_unused(gate_value);
    return done;
  }
};

}  // namespace

const Pass& clip_relu_canonical() {
  static const ClipReluCanonical pass;
  return pass;
}

}  // namespace trtprof::passes
