// Who makes and who reads each tensor of a graph, by number instead of by name. Private to cost/.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/graph.h"

namespace trtprof {

// Keeps references: the graph and the table must outlive it. Tensors of one name in several bodies of control flow are
// one tensor here: all their readers count for each of them.
class GraphIndex {
 public:
  static constexpr int kNone = -1;

  struct Tensor {
    std::string_view name;
    const TensorFacts* facts = nullptr;  // nullptr: nothing is known of it
    int producer = kNone;                // the last node that has it as output; a Constant node is none
    std::vector<int> readers;            // nodes in stored order, each once
    bool constant = false;               // an initializer or the output of a Constant node
    bool folds = false;                  // constant, or computed from constants alone
    bool graph_input = false;
    bool graph_output = false;
  };
  struct Node {
    std::vector<int> inputs;  // numbers of tensors; kNone: left out
    std::vector<int> outputs;
  };

  GraphIndex(const Graph& graph, const TensorTable& tensors);

  [[nodiscard]] const std::vector<Tensor>& tensors() const { return tensors_; }
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const Tensor& tensor(int number) const { return tensors_[static_cast<std::size_t>(number)]; }
  [[nodiscard]] const Node& node(int number) const { return nodes_[static_cast<std::size_t>(number)]; }
  // kNone: past the end, or left out.
  [[nodiscard]] int input(int node, std::size_t position) const;
  [[nodiscard]] int output(int node, std::size_t position) const;

 private:
  int number_of(std::string_view name, const TensorTable& table);

  std::unordered_map<std::string_view, int> numbers_;
  std::vector<Tensor> tensors_;
  std::vector<Node> nodes_;
};

}  // namespace trtprof
