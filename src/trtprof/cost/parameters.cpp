#include "trtprof/cost/parameters.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "trtprof/base/tensor.h"

namespace trtprof {

namespace {

// What an operator takes an operand for.
enum class Role {
  none,     // a bound, a scale, a statistic
  several,  // a parameter when it has more than one element: arithmetic with a single number is part of the formula
  weight,   // a parameter
  quantized_weight,  // a parameter, of a whole-number type too
};

bool is_float(ElementType type) {
  switch (type) {
    case ElementType::f32:
    case ElementType::f64:
    case ElementType::f16:
    case ElementType::bf16:
    case ElementType::f8e4m3:
    case ElementType::f8e5m2:
      return true;
    default:
      return false;
  }
}

// Operators whose first operand is a weight exactly when their result is.
bool carries(std::string_view op_type) {
  static const std::unordered_set<std::string_view> carriers = {
      "Cast",  "DequantizeLinear", "Expand", "Flatten",   "Identity", "QuantizeLinear", "Reshape", "Slice",
      "Split", "Squeeze",          "Tile",   "Transpose", "Unsqueeze"};
  return carriers.contains(op_type);
}

// Operators none of whose constant operands is learned: bounds, anchors, scales, masks.
bool learns_nothing(std::string_view op_type) {
  static const std::unordered_set<std::string_view> operators = {"AffineGrid",     "Bernoulli",
                                                                 "Clip",           "ConstantOfShape",
                                                                 "CumSum",         "Equal",
                                                                 "GreaterOrEqual", "Greater",
                                                                 "GridSample",     "If",
                                                                 "Less",           "LessOrEqual",
                                                                 "MaxRoiPool",     "NonMaxSuppression",
                                                                 "OneHot",         "Pad",
                                                                 "Range",          "Resize",
                                                                 "RoiAlign",       "ScatterElements",
                                                                 "ScatterND",      "Shape",
                                                                 "Size",           "TopK",
                                                                 "Upsample",       "Where"};
  return operators.contains(op_type);
}

// Operators with operands of different roles, by position; those beyond are not learned.
std::optional<Role> role_by_position(std::string_view op_type, std::size_t position) {
  using Roles = std::array<Role, 9>;
  constexpr Role n = Role::none;
  constexpr Role w = Role::weight;
  constexpr Role q = Role::quantized_weight;
  static const std::unordered_map<std::string_view, Roles> table = {
      {"Attention", {n, w, w}},  // com.microsoft: weights and bias
      {"BatchNormalization", {n, w, w}},
      {"Conv", {n, w, w}},
      {"ConvInteger", {n, q}},
      {"ConvTranspose", {n, w, w}},
      {"DeformConv", {n, w, n, w}},
      {"GRU", {n, w, w, w}},
      {"Gather", {w}},
      {"Gemm", {w, w, w}},
      {"GroupNormalization", {n, w, w}},
      {"InstanceNormalization", {n, w, w}},
      {"LSTM", {n, w, w, w, n, n, n, w}},
      {"LayerNormalization", {n, w, w}},
      {"MatMul", {w, w}},
      {"MatMulInteger", {q, q}},
      {"PRelu", {n, w}},
      {"QLinearConv", {n, n, n, q, n, n, n, n, q}},
      {"QLinearMatMul", {q, n, n, q}},
      {"RMSNormalization", {n, w}},
      {"RNN", {n, w, w, w}},
  };
  const auto found = table.find(op_type);
  if (found == table.end()) {
    return std::nullopt;
  }
  return position < found->second.size() ? found->second.at(position) : Role::none;
}

Role role_of(std::string_view op_type, std::size_t position) {
  if (const auto role = role_by_position(op_type, position)) {
    return *role;
  }
  return learns_nothing(op_type) ? Role::none : Role::several;
}

struct Use {
  Role role = Role::none;
  int reader = GraphIndex::kNone;
};

// What a carrier's own operand is, when its result is used as `use` says.
Role carried(const GraphNode& node, std::size_t position, const Use& use) {
  if (position > 0 && node.op_type != "Concat") {
    return Role::none;
  }
  const bool quantized = node.op_type == "DequantizeLinear" && use.role != Role::none;
  return quantized ? Role::quantized_weight : use.role;
}

bool is_parameter(const GraphIndex::Tensor& tensor, Role role) {
  if (role == Role::none || tensor.facts == nullptr || tensor.facts->type == ElementType::string) {
    return false;
  }
  const auto elements = tensor.facts->shape ? element_count(*tensor.facts->shape) : std::nullopt;
  if (!elements || (role == Role::several && *elements < 2)) {
    return false;
  }
  return is_float(tensor.facts->type) || (role == Role::quantized_weight && tensor.facts->type != ElementType::unknown);
}

}  // namespace

std::vector<int> parameter_readers(const Graph& graph, const GraphIndex& index) {
  std::vector<Use> uses(index.tensors().size());
  // Backwards, so that the result of a carrier is known before its operand, and the first reader has the last word.
  for (int number = static_cast<int>(graph.nodes.size()) - 1; number >= 0; --number) {
    const GraphNode& node = graph.nodes[static_cast<std::size_t>(number)];
    const bool carrier = node.domain.empty() && (carries(node.op_type) || node.op_type == "Concat");
    const int result = index.output(number, 0);
    const Use of_result = carrier && result >= 0 ? uses[static_cast<std::size_t>(result)] : Use{};
    for (std::size_t position = 0; position < node.inputs.size(); ++position) {
      const int tensor = index.input(number, position);
      if (tensor < 0) {
        continue;
      }
      const Role role = carrier ? carried(node, position, of_result) : role_of(node.op_type, position);
      Use& use = uses[static_cast<std::size_t>(tensor)];
      if (role != Role::none) {
        use = {std::max(use.role, role), carrier ? of_result.reader : number};
      }
    }
  }
  std::vector<int> readers(uses.size(), GraphIndex::kNone);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (index.tensors()[i].constant && is_parameter(index.tensors()[i], uses[i].role)) {
      readers[i] = uses[i].reader;
    }
  }
  return readers;
}

}  // namespace trtprof
