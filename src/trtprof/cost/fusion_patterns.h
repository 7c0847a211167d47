// Pieces that fusion candidates are made of, found by following a tensor to those who read it. Private to cost/.
#pragma once

#include <optional>
#include <vector>

#include "trtprof/cost/graph_index.h"
#include "trtprof/model/graph.h"

namespace trtprof {

// Nodes that take one tensor to another, with nobody outside reading what is between.
struct Piece {
  std::vector<int> nodes;
  int result = GraphIndex::kNone;
};

class PatternFinder {
 public:
  PatternFinder(const Graph& graph, const GraphIndex& index) : graph_(graph), index_(index) {}

  // The one node that reads the tensor; kNone when there are none or several, when the tensor is an output of the
  // graph, or when the reader is in another body.
  [[nodiscard]] int sole_reader(int tensor) const;
  [[nodiscard]] bool is_op(int node, const char* op_type) const;
  [[nodiscard]] bool is_constant(int tensor) const;

  // Add, Sub, Mul and Div of the tensor and constants: a bias or a scale that is a node of its own.
  [[nodiscard]] std::optional<Piece> affine(int tensor) const;
  [[nodiscard]] std::optional<Piece> batch_normalization(int tensor) const;
  // One node (Relu, Clip, ...) or the several that exporters write: x * gate(x), where the gate is a short chain of
  // elementwise operators (Swish, HardSwish, Mish, Gelu), and the division or multiplication by a number behind it.
  [[nodiscard]] std::optional<Piece> activation(int tensor) const;
  // Add of the tensor and another one that is there before it.
  [[nodiscard]] std::optional<Piece> residual_addition(int tensor) const;
  // x * weights(pooled x): squeeze-and-excitation.
  [[nodiscard]] std::optional<Piece> squeeze_excitation(int tensor) const;

 private:
  [[nodiscard]] const GraphNode& node(int number) const { return graph_.nodes[static_cast<std::size_t>(number)]; }
  // The operand of a node of two operands that is not `tensor`; kNone: not two operands, or twice the tensor.
  [[nodiscard]] int other_operand(int number, int tensor) const;
  [[nodiscard]] bool with_constant(int number, int tensor) const;
  [[nodiscard]] bool is_gate_step(int number, int tensor) const;
  // The Mul that reads the tensor beside the head of a branch, and that head; nullopt: the tensor forks otherwise.
  struct Fork {
    int branch = GraphIndex::kNone;
    int product = GraphIndex::kNone;
  };
  [[nodiscard]] std::optional<Fork> fork(int tensor) const;
  [[nodiscard]] std::optional<Piece> gated_activation(int tensor) const;
  void take(Piece& piece, int number) const;

  const Graph& graph_;
  const GraphIndex& index_;
};

}  // namespace trtprof
