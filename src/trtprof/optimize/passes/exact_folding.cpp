#include "trtprof/optimize/passes/exact_folding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

// Where an engine saturates, so that the limit itself may stand for something larger.
constexpr double kLimit = 2147483647.0;

bool is_integer(ElementType type) {
  using enum ElementType;
  return type == i8 || type == u8 || type == i16 || type == u16 || type == i32 || type == i64 || type == boolean;
}

bool is_float(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16;
}

double largest(const Tensor& tensor) {
  const auto values = numbers_in(tensor);
  double result = 0.0;
  for (const double value : values.value_or(std::vector<double>{})) {
    result = std::max(result, std::isfinite(value) ? std::abs(value) : std::numeric_limits<double>::infinity());
  }
  return result;
}

double sum(const Tensor& tensor) {
  const auto values = numbers_in(tensor);
  double result = 0.0;
  for (const double value : values.value_or(std::vector<double>{})) result += std::abs(value);
  return result;
}

double product(const Tensor& tensor) {
  const auto values = numbers_in(tensor);
  double result = 1.0;
  for (const double value : values.value_or(std::vector<double>{})) result *= std::max(1.0, std::abs(value));
  return result;
}

bool any_negative(const std::vector<const Tensor*>& inputs) {
  return std::ranges::any_of(inputs, [](const Tensor* tensor) {
    const auto values = tensor == nullptr ? std::nullopt : numbers_in(*tensor);
    return values && std::ranges::any_of(*values, [](double value) { return value < 0.0; });
  });
}

// Gives values that it got, or counts: nothing grows on the way.
bool moves_or_compares(const onnx::NodeProto& node) {
  return is_one_of(node, {"Reshape",
                          "Squeeze",
                          "Unsqueeze",
                          "Flatten",
                          "Transpose",
                          "Concat",
                          "Slice",
                          "Gather",
                          "GatherND",
                          "GatherElements",
                          "Expand",
                          "Tile",
                          "Split",
                          "Pad",
                          "Where",
                          "Identity",
                          "ScatterND",
                          "ScatterElements",
                          "Shape",
                          "Size",
                          "ConstantOfShape",
                          "Range",
                          "Equal",
                          "Less",
                          "LessOrEqual",
                          "Greater",
                          "GreaterOrEqual",
                          "Not",
                          "And",
                          "Or",
                          "Xor",
                          "Min",
                          "Max",
                          "Abs",
                          "Neg",
                          "Sign",
                          "ReduceMax",
                          "ReduceMin",
                          "Cast",
                          "NonZero",
                          "Trilu",
                          "DepthToSpace",
                          "SpaceToDepth"});
}

// Of integers; empty: it stays within 32 bits.
std::string why_not_in_range(const onnx::NodeProto& node, const std::vector<const Tensor*>& inputs) {
  if (moves_or_compares(node)) return {};
  std::string operators = fmt::format("integers of {} are not computed exactly for sure", node.op_type());
  if (inputs.size() > 2 || inputs[0] == nullptr) return operators;
  const double first = largest(*inputs[0]);
  const double second = inputs.size() > 1 && inputs[1] != nullptr ? largest(*inputs[1]) : 0.0;
  double bound = 0.0;
  if (is_one_of(node, {"Add", "Sub"})) {
    bound = first + second;
  } else if (is_op(node, "Mul")) {
    bound = first * second;
  } else if (is_one_of(node, {"Div", "Mod"})) {
    if (any_negative(inputs) || second == 0.0) return "how engines round negative quotients of integers differs";
    bound = first;
  } else if (is_one_of(node, {"ReduceSum", "CumSum"})) {
    bound = sum(*inputs[0]);
  } else if (is_op(node, "ReduceProd")) {
    bound = product(*inputs[0]);
  } else {
    return operators;
  }
  return bound < kLimit ? "" : "its integers may leave 32 bits on the way";
}

// A saturated end of a Slice still lies past the end.
bool may_saturate(const onnx::NodeProto& node, std::size_t input) {
  return is_op(node, "Slice") && (input == 1 || input == 2);
}

bool divides_by_zero(const onnx::NodeProto& node, const std::vector<const Tensor*>& inputs) {
  if (!is_one_of(node, {"Div", "Mod"}) || inputs.size() < 2 || inputs[1] == nullptr) return false;
  const auto values = numbers_in(*inputs[1]);
  return values && std::ranges::count(*values, 0.0) != 0;
}

}  // namespace

std::string why_not_exact(const onnx::NodeProto& node, const std::vector<const Tensor*>& inputs,
                          const std::vector<ElementType>& outputs) {
  for (const ElementType type : outputs) {
    if (!is_integer(type) && !is_float(type)) return fmt::format("its result is {}", to_string(type));
  }
  bool integers = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr) continue;
    const ElementType type = inputs[i]->type;
    if (!is_integer(type) && !is_float(type)) return fmt::format("an input is {}", to_string(type));
    const bool data = i == 0 || is_one_of(node, {"Where", "Concat"});
    integers = integers || (data && is_integer(type));
    if (is_integer(type) && !may_saturate(node, i) && largest(*inputs[i]) >= kLimit) {
      return "an integer of its inputs does not fit 32 bits";
    }
  }
  if (is_op(node, "Cast") && !inputs.empty() && inputs[0] != nullptr && is_float(inputs[0]->type) && !outputs.empty() &&
      is_integer(outputs[0]) && largest(*inputs[0]) >= kLimit) {
    return "what it makes an integer does not fit 32 bits";
  }
  if (!integers) return {};
  if (divides_by_zero(node, inputs)) return "it divides an integer by 0";
  return why_not_in_range(node, inputs);
}

}  // namespace trtprof::passes
