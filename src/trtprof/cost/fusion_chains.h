// The chains of a model that an engine may fuse, as numbers of nodes. Private to cost/.
#pragma once

#include <cstddef>
#include <vector>

#include "trtprof/cost/inspection.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/graph.h"

namespace trtprof {

struct Chain {
  FusionKind kind = FusionKind::conv_bn;
  std::vector<std::size_t> nodes;  // in stored order; the first is the convolution
};

// By node of the graph: the executed layers that run it, in execution order.
using LayersOfNodes = std::vector<std::vector<std::size_t>>;

// The candidates of a single convolution, in the order of their convolutions. An addition that the engine gave to the
// other of two convolutions whose results it adds goes there, with what follows it: it can be fused with one alone.
[[nodiscard]] std::vector<Chain> fusion_chains(const Graph& graph, const TensorTable& tensors,
                                               const LayersOfNodes& layers);

}  // namespace trtprof
