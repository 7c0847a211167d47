// Which ONNX nodes a layer of an engine came from. Pure functions over names, so that joins are tested on recordings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
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
  // ONNX operators that the layer's main operation can come from, {"Conv"} for a convolution; empty: not known. An
  // engine that folds batch normalisation into a convolution may name the normalisation alone.
  std::vector<std::string> main_ops = {};
  bool inserted = false;  // the engine says so itself: a reorder, a copy. Never inferred, only reported.
};

struct Origin {
  std::vector<OriginNode> nodes;  // in the order of the graph
  OriginSource source = OriginSource::none;
};

// 1. Every claimed name that is a node's name, one of a node's output tensors, or such a name with one more "/part" is
//    that node (reported). Of nodes that share a name, the k-th goes to the k-th layer that claims it when there are as
//    many of one as of the other; else every such layer has them all.
// 2. Unclaimed nodes on the way from a layer's producers to the nodes it has are part of it: an engine names what is
//    left of a fusion, not all that went in. A node of the layer's main operation begins it; what comes before belongs
//    to the producer if that still claims a name of its own making ("HSwish_45500").
// 3. A layer left without one takes the unclaimed nodes that lie between the nodes of the layers before and after it
//    (inferred): OpenVINO calls Slice nodes it merged "VariadicSplit_29502". Its main operation is looked for a little
//    further on too, because engines move scalings past reshapes.
// 4. What is still empty was inserted by the engine (none): reorders, weight reshapes.
// Shape computations, constants, Identity and Dropout are never inferred: no layer runs them.
// One Origin per layer, in order. `layers` must be in topological order.
[[nodiscard]] std::vector<Origin> resolve_origins(const Graph& graph, const std::vector<EngineLayer>& layers);

// "a,b" into names where the engine joins them with commas and a name may hold commas itself: the longest pieces that
// are names of the graph win. Empty pieces are dropped.
[[nodiscard]] std::vector<std::string> split_claimed_names(const Graph& graph, std::string_view joined);

}  // namespace trtprof
