// What is inside a model, by looking: nothing is run. `inspect MODEL` prints it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/cost/cost.h"
#include "trtprof/model/graph.h"

namespace trtprof {

struct OperatorGroup {
  std::string op_type;  // "Conv"; "com.acme.Foo" with its domain where that is not ONNX's
  std::int64_t count = 0;
  CostTotals totals;
};

struct TensorSize {
  std::string name;
  ValueInfo info;
  std::optional<std::uint64_t> bytes;  // nullopt: a dimension is open, or the type is
  bool constant = false;
};

enum class FusionKind {
  conv_bn_activation,
  conv_bn,
  conv_activation,
  conv_add,
  depthwise_pointwise,
  inverted_residual
};

// Nodes that an engine may run as one kernel. The chain of a smaller kind inside a larger one is not listed again.
struct FusionCandidate {
  FusionKind kind;
  std::vector<std::string> nodes;  // display names, in execution order
};

struct Inspection {
  std::vector<OperatorGroup> operators;       // most frequent first
  std::int64_t parameters = 0;                // elements of float weights; batch-norm running statistics not counted
  std::optional<std::uint64_t> weight_bytes;  // as stored
  CostTotals totals;
  std::map<std::string, std::int64_t> nodes_by_precision;    // element type of the first output: "f32" -> 140
  std::map<std::string, std::int64_t> weights_by_precision;  // bytes
  std::vector<std::string> open_dimensions;                  // "input x: batch", "tensor y: height" of inputs first
  std::vector<TensorSize> largest_tensors;                   // weights and activations, largest first
  // Sum of the activations alive at once, each from the node that makes it to the last that reads it, in stored order;
  // nullopt while dimensions are open.
  std::optional<std::uint64_t> peak_activation_bytes;
  std::string peak_node;  // where it is reached
  std::vector<FusionCandidate> fusion_candidates;
  std::vector<std::string> notes;  // custom domains, control flow, unknown costs: a sentence each
};

// `values`: from shape inference. `largest`: how many tensors to list.
[[nodiscard]] Inspection inspect_graph(const Graph& graph, const std::vector<ValueInfo>& values, std::size_t largest);

}  // namespace trtprof
