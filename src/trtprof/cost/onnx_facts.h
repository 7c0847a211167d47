// OperatorFacts from the nodes of an ONNX graph.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trtprof/cost/cost.h"
#include "trtprof/model/graph.h"

namespace trtprof {

using TensorTable = std::unordered_map<std::string, TensorFacts>;

// What is known of every tensor by name: the initializers and the outputs of Constant nodes (constant), the graph's
// inputs and outputs as the model declares them, and over those what `inferred` says (shape inference with bound
// inputs).
[[nodiscard]] TensorTable tensor_table(const Graph& graph, const std::vector<ValueInfo>& inferred = {});

// A tensor that the table does not have has no known shape. A Conv whose groups equal its input channels has the class
// of a depthwise convolution; a MatMul against a constant that of a fully connected layer.
[[nodiscard]] OperatorFacts onnx_facts(const GraphNode& node, const TensorTable& tensors);

// The nodes of a graph by the names that reports, origins and engines use. Keeps references: the graph must outlive it.
class OnnxOperators {
 public:
  OnnxOperators(const Graph& graph, TensorTable tensors);

  // In the graph's order, each node once; a name that no node has is left out and said so by `missing`.
  [[nodiscard]] std::vector<OperatorFacts> find(const std::vector<std::string>& names,
                                                std::vector<std::string>* missing = nullptr) const;

 private:
  const Graph& graph_;
  TensorTable tensors_;
  std::unordered_multimap<std::string_view, std::size_t> by_name_;
};

}  // namespace trtprof
