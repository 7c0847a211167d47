#include "trtprof/cost/fusion_patterns.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace trtprof {

namespace {

// Gelu by tanh, written out, has 7 nodes between x and the product.
constexpr std::size_t kLongestGate = 8;
// A bias, a scale and a shift of the layer, and a scale and a shift learned beside them.
constexpr std::size_t kLongestAffine = 5;
// Pooling, flatten or reshape, two layers with bias and activation, back to four dimensions.
constexpr std::size_t kLongestExcitation = 16;

bool is_activation(const GraphNode& node) {
  static const std::unordered_set<std::string_view> operators = {
      "Celu", "Clip", "Elu",     "Gelu",     "HardSigmoid", "HardSwish", "LeakyRelu", "Mish",           "PRelu",
      "Relu", "Selu", "Sigmoid", "Softplus", "Softsign",    "Swish",     "Tanh",      "ThresholdedRelu"};
  static const std::unordered_set<std::string_view> of_microsoft = {"BiasGelu", "FastGelu", "Gelu", "QuickGelu"};
  return node.domain.empty() ? operators.contains(node.op_type)
                             : node.domain == "com.microsoft" && of_microsoft.contains(node.op_type);
}

bool is_one_of(const GraphNode& node, const std::unordered_set<std::string_view>& operators) {
  return node.domain.empty() && operators.contains(node.op_type);
}

}  // namespace

int PatternFinder::sole_reader(int tensor) const {
  const GraphIndex::Tensor& facts = index_.tensor(tensor);
  if (facts.graph_output || facts.readers.size() != 1 || facts.producer < 0) {
    return GraphIndex::kNone;
  }
  const int reader = facts.readers.front();
  return node(reader).subgraph == node(facts.producer).subgraph ? reader : GraphIndex::kNone;
}

bool PatternFinder::is_op(int number, const char* op_type) const {
  return number >= 0 && node(number).domain.empty() && node(number).op_type == op_type;
}

bool PatternFinder::is_constant(int tensor) const {
  return tensor >= 0 && index_.tensor(tensor).folds;
}

int PatternFinder::other_operand(int number, int tensor) const {
  const std::vector<int>& inputs = index_.node(number).inputs;
  if (inputs.size() != 2 || inputs[0] == inputs[1]) {
    return GraphIndex::kNone;
  }
  return inputs[0] == tensor ? inputs[1] : inputs[1] == tensor ? inputs[0] : GraphIndex::kNone;
}

bool PatternFinder::with_constant(int number, int tensor) const {
  return is_constant(other_operand(number, tensor));
}

void PatternFinder::take(Piece& piece, int number) const {
  piece.nodes.push_back(number);
  piece.result = index_.output(number, 0);
}

std::optional<Piece> PatternFinder::affine(int tensor) const {
  static const std::unordered_set<std::string_view> steps = {"Add", "Div", "Mul", "Sub"};
  Piece piece{{}, tensor};
  for (int step = sole_reader(tensor); step >= 0 && piece.nodes.size() < kLongestAffine;
       step = sole_reader(piece.result)) {
    if (!is_one_of(node(step), steps) || !with_constant(step, piece.result)) {
      break;
    }
    take(piece, step);
    if (piece.result < 0) {
      return std::nullopt;
    }
  }
  return piece.nodes.empty() ? std::nullopt : std::optional(std::move(piece));
}

std::optional<Piece> PatternFinder::batch_normalization(int tensor) const {
  const int reader = sole_reader(tensor);
  if (!is_op(reader, "BatchNormalization") || index_.input(reader, 0) != tensor) {
    return std::nullopt;
  }
  return Piece{{reader}, index_.output(reader, 0)};
}

std::optional<Piece> PatternFinder::activation(int tensor) const {
  const int reader = sole_reader(tensor);
  if (reader < 0) {
    return gated_activation(tensor);
  }
  if (!is_activation(node(reader)) || index_.input(reader, 0) != tensor) {
    return std::nullopt;
  }
  return Piece{{reader}, index_.output(reader, 0)};
}

std::optional<PatternFinder::Fork> PatternFinder::fork(int tensor) const {
  const GraphIndex::Tensor& facts = index_.tensor(tensor);
  if (facts.graph_output || facts.readers.size() != 2 || facts.producer < 0) {
    return std::nullopt;
  }
  const std::string& body = node(facts.producer).subgraph;
  const int first = facts.readers[0];
  const int second = facts.readers[1];
  // In topological order the product comes after the branch that it needs.
  if (!is_op(second, "Mul") || node(first).subgraph != body || node(second).subgraph != body) {
    return std::nullopt;
  }
  return Fork{first, second};
}

bool PatternFinder::is_gate_step(int number, int tensor) const {
  static const std::unordered_set<std::string_view> unary = {"Erf", "Exp", "Neg"};
  static const std::unordered_set<std::string_view> with_number = {"Add", "Div", "Max", "Min", "Mul", "Pow", "Sub"};
  if (is_activation(node(number)) || is_one_of(node(number), unary)) {
    return index_.input(number, 0) == tensor;
  }
  return is_one_of(node(number), with_number) && with_constant(number, tensor);
}

std::optional<Piece> PatternFinder::gated_activation(int tensor) const {
  const auto forked = fork(tensor);
  if (!forked) {
    return std::nullopt;
  }
  static const std::unordered_set<std::string_view> linear = {"Add", "Div", "Mul", "Neg", "Sub"};
  Piece piece{{}, tensor};
  bool bends = false;  // a gate of linear steps alone is no activation
  for (int step = forked->branch; step != forked->product; step = sole_reader(piece.result)) {
    if (step < 0 || piece.nodes.size() == kLongestGate || !is_gate_step(step, piece.result)) {
      return std::nullopt;
    }
    bends = bends || !is_one_of(node(step), linear);
    take(piece, step);
  }
  if (!bends || other_operand(forked->product, tensor) != piece.result) {
    return std::nullopt;
  }
  take(piece, forked->product);
  const int scale = sole_reader(piece.result);
  if ((is_op(scale, "Mul") || is_op(scale, "Div")) && with_constant(scale, piece.result)) {
    take(piece, scale);
  }
  return piece;
}

std::optional<Piece> PatternFinder::residual_addition(int tensor) const {
  const int reader = sole_reader(tensor);
  if (!is_op(reader, "Add")) {
    return std::nullopt;
  }
  const int other = other_operand(reader, tensor);
  // Of two convolutions that are added, the later one can add what the earlier one wrote.
  if (other < 0 || is_constant(other) || index_.tensor(other).producer > index_.tensor(tensor).producer) {
    return std::nullopt;
  }
  return Piece{{reader}, index_.output(reader, 0)};
}

std::optional<Piece> PatternFinder::squeeze_excitation(int tensor) const {
  static const std::unordered_set<std::string_view> pools = {"AveragePool", "GlobalAveragePool", "ReduceMean"};
  static const std::unordered_set<std::string_view> layers = {
      "BatchNormalization", "Conv",   "Flatten", "Gemm",    "GlobalAveragePool",
      "Identity",           "MatMul", "Reshape", "Squeeze", "Unsqueeze"};
  const auto forked = fork(tensor);
  if (!forked || !is_one_of(node(forked->branch), pools)) {
    return std::nullopt;
  }
  Piece piece;
  take(piece, forked->branch);
  for (int step = sole_reader(piece.result); step != forked->product; step = sole_reader(piece.result)) {
    if (piece.nodes.size() >= kLongestExcitation) {
      return std::nullopt;
    }
    if (const auto bend = activation(piece.result)) {
      piece.nodes.insert(piece.nodes.end(), bend->nodes.begin(), bend->nodes.end());
      piece.result = bend->result;
    } else if (step >= 0 && (is_one_of(node(step), layers) || affine(piece.result))) {
      take(piece, step);
    } else {
      return std::nullopt;
    }
  }
  if (other_operand(forked->product, tensor) != piece.result) {
    return std::nullopt;
  }
  take(piece, forked->product);
  return piece;
}

}  // namespace trtprof
