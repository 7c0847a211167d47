#include "trtprof/optimize/passes/no_effect.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

using Why = std::optional<std::string>;

// Bits of the significand, and of the exponent's range: what a float type holds exactly.
struct FloatFormat {
  int significand;
  int exponent;
};
std::optional<FloatFormat> float_format(ElementType type) {
  switch (type) {
    case ElementType::f64:
      return FloatFormat{53, 11};
    case ElementType::f32:
      return FloatFormat{24, 8};
    case ElementType::f16:
      return FloatFormat{11, 5};
    case ElementType::bf16:
      return FloatFormat{8, 8};
    default:
      return std::nullopt;
  }
}

struct IntegerFormat {
  int bits;  // beside the sign
  bool is_signed;
};
std::optional<IntegerFormat> integer_format(ElementType type) {
  using enum ElementType;
  const bool is_signed = type == i4 || type == i8 || type == i16 || type == i32 || type == i64;
  const bool is_unsigned = type == u4 || type == u8 || type == u16 || type == u32 || type == u64;
  if (type == boolean) return IntegerFormat{1, false};
  if (!is_signed && !is_unsigned) return std::nullopt;
  return IntegerFormat{static_cast<int>(bits_of(type)) - (is_signed ? 1 : 0), is_signed};
}

bool all_are(const std::vector<std::int64_t>& values, std::int64_t wanted) {
  return std::ranges::all_of(values, [wanted](std::int64_t value) { return value == wanted; });
}

// From an input of newer operator sets, else from an attribute.
std::optional<std::vector<std::int64_t>> given_integers(const onnx::NodeProto& node, const GraphView& graph, int input,
                                                        std::string_view attribute) {
  if (!input_of(node, input).empty()) return constant_integers(graph, node.input(input));
  return integers_of(node, attribute);
}

Why cast(const onnx::NodeProto& node, PassContext& context) {
  const ElementType type = context.type(input_of(node, 0));
  if (type == ElementType::unknown || type != context.type(output_of(node, 0))) return std::nullopt;
  return fmt::format("it is {} already", to_string(type));
}

Why transpose(const onnx::NodeProto& node, PassContext& context) {
  const auto order = permutation_of(node, context);
  if (!order || !std::ranges::is_sorted(*order)) return std::nullopt;
  return "every dimension stays where it is";
}

Why pad(const onnx::NodeProto& node, PassContext& context) {
  const auto pads = given_integers(node, context.graph(), 1, context.opset() < 2 ? "paddings" : "pads");
  return pads && all_are(*pads, 0) ? Why("it pads nothing") : std::nullopt;
}

Why tile(const onnx::NodeProto& node, PassContext& context) {
  const auto repeats = constant_integers(context.graph(), input_of(node, 1));
  return context.opset() >= 6 && repeats && all_are(*repeats, 1) ? Why("it repeats nothing") : std::nullopt;
}

// From the first element to the last, whatever the size is.
bool slices_all(const onnx::NodeProto& node, const GraphView& graph) {
  const auto starts = given_integers(node, graph, 1, "starts");
  const auto ends = given_integers(node, graph, 2, "ends");
  constexpr std::int64_t past_every_end = std::numeric_limits<std::int32_t>::max();
  return starts && ends && all_are(*starts, 0) &&
         std::ranges::all_of(*ends, [](std::int64_t end) { return end >= past_every_end; });
}

Why slice(const onnx::NodeProto& node, PassContext& context) {
  const std::string& steps_name = input_of(node, 4);
  const auto steps = steps_name.empty() ? std::vector<std::int64_t>{} : constant_integers(context.graph(), steps_name);
  if (!steps || !all_are(*steps, 1)) return std::nullopt;
  const bool all = slices_all(node, context.graph()) || context.same_shape(node.input(0), node.output(0));
  return all ? Why("it cuts nothing off") : std::nullopt;
}

Why renaming(const onnx::NodeProto& node, PassContext& context) {
  const bool same = same_shape_of_renamed(context, node.input(0), node.output(0));
  return same ? Why("the shape is that already") : std::nullopt;
}

Why same_shape(const onnx::NodeProto& node, PassContext& context) {
  return context.same_shape(node.input(0), node.output(0)) ? Why("the shape is that already") : std::nullopt;
}

Why one_input(const onnx::NodeProto& node, PassContext& /*context*/) {
  return node.input_size() == 1 ? Why("it has one input") : std::nullopt;
}

using Question = Why (*)(const onnx::NodeProto&, PassContext&);
constexpr std::array<std::pair<std::string_view, Question>, 17> kQuestions{{
    {"Cast", cast},
    {"Transpose", transpose},
    {"Pad", pad},
    {"Tile", tile},
    {"Slice", slice},
    {"Reshape", renaming},
    {"Flatten", renaming},
    {"Squeeze", renaming},
    {"Unsqueeze", renaming},
    {"Expand", same_shape},
    {"Split", same_shape},
    {"Concat", one_input},
    {"Sum", one_input},
    {"Max", one_input},
    {"Min", one_input},
    {"Mean", one_input},
    {"Identity", [](const onnx::NodeProto&, PassContext&) -> Why { return "Identity does nothing"; }},
}};

// x * 1, x / 1, x ^ 1, x + 0, x - 0, where nothing is broadcast.
std::optional<NoEffect> neutral(const onnx::NodeProto& node, PassContext& context) {
  if (!is_one_of(node, {"Add", "Sub", "Mul", "Div", "Pow"}) || node.input_size() != 2) return std::nullopt;
  const bool either_side = is_one_of(node, {"Add", "Mul"});
  const double wanted = is_one_of(node, {"Add", "Sub"}) ? 0.0 : 1.0;
  for (const int other : {1, 0}) {
    if (other == 0 && !either_side) continue;
    const int kept = 1 - other;
    if (!context.graph().is_constant(node.input(other))) continue;
    if (!context.same_shape(node.input(kept), node.output(0))) continue;
    if (context.type(node.input(kept)) != context.type(node.output(0))) continue;
    const auto numbers = constant_numbers(context.graph(), node.input(other));
    if (!numbers || !std::ranges::all_of(numbers->values, [&](double value) { return value == wanted; })) continue;
    return NoEffect{kept, fmt::format("{} with {} changes nothing", node.op_type(), wanted)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<NoEffect> no_effect_of(const onnx::NodeProto& node, PassContext& context) {
  if (node.input_size() == 0 || node.output_size() == 0 || node.output(0).empty()) return std::nullopt;
  if (uses_outputs_from(context.graph(), node, 1)) return std::nullopt;
  const auto question = std::ranges::find(kQuestions, node.op_type(), &std::pair<std::string_view, Question>::first);
  if (question == kQuestions.end()) return neutral(node, context);
  auto why = question->second(node, context);
  return why ? std::optional(NoEffect{0, *std::move(why)}) : std::nullopt;
}

bool only_renames(const onnx::NodeProto& node) {
  return is_one_of(node, {"Reshape", "Flatten", "Squeeze", "Unsqueeze"});
}

bool same_shape_of_renamed(PassContext& context, const std::string& a, const std::string& b) {
  const ValueInfo* first = context.value(a);
  const ValueInfo* second = context.value(b);
  if (first == nullptr || second == nullptr || !first->shape || !second->shape) return false;
  if (first->shape->size() != second->shape->size()) return false;
  int open = 0;
  for (std::size_t i = 0; i < first->shape->size(); ++i) {
    const Dimension& one = (*first->shape)[i];
    const Dimension& other = (*second->shape)[i];
    if (one.value == 0 || other.value == 0) return false;  // then the others tell nothing
    if (one.value && other.value) {
      if (*one.value != *other.value) return false;
    } else if (one.symbol.empty() || one.symbol != other.symbol) {
      ++open;
    }
  }
  return open <= 1;
}

std::optional<std::vector<std::int64_t>> permutation_of(const onnx::NodeProto& node, PassContext& context) {
  if (auto stored = integers_of(node, "perm")) return stored;
  const auto rank = context.rank(input_of(node, 0));
  if (!rank) return std::nullopt;
  std::vector<std::int64_t> reversed(*rank);
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  return reversed;
}

bool holds(ElementType from, ElementType through) {
  if (from == through) return true;
  const auto to_float = float_format(through);
  if (const auto format = float_format(from)) {
    return to_float && format->significand <= to_float->significand && format->exponent <= to_float->exponent;
  }
  const auto format = integer_format(from);
  if (!format) return false;
  // Every float type reaches farther than the integers that its significand holds.
  if (to_float) return format->bits <= to_float->significand;
  const auto integer = integer_format(through);
  if (!integer || through == ElementType::boolean) return false;
  return format->bits <= integer->bits && (integer->is_signed || !format->is_signed);
}

}  // namespace trtprof::passes
