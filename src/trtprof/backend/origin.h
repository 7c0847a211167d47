// Which ONNX nodes a layer of an engine came from. Pure functions over names, so that joins are tested on recordings.
#pragma once

#include <string>
#include <vector>

#include "trtprof/model/graph.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// A layer as the engine tells it: what it claims to come from, and its neighbours.
struct EngineLayer {
  std::string name;
  std::vector<std::string>
      claimed_names;                   // node or tensor names in the engine's words; may hold names of its own making
  std::vector<std::size_t> producers;  // indices of the layers that feed it
};

struct Origin {
  std::vector<OriginNode> nodes;
  OriginSource source = OriginSource::none;
};

// 1. Every claimed name that is a node's name or one of a node's output tensors is that node (reported).
// 2. A layer left without one takes the unclaimed ONNX nodes that lie between the nodes of the layers before and after
//    it in the graph (inferred): OpenVINO calls two Slice nodes it merged "VariadicSplit_29502".
// 3. What is still empty was inserted by the engine (none): reorders, weight reshapes.
// One Origin per layer, in order.
[[nodiscard]] std::vector<Origin> resolve_origins(const Graph& graph, const std::vector<EngineLayer>& layers);

}  // namespace trtprof
