// The shape of every tensor, through the ONNX library's own inference with data propagation. No shape rule is ours.
#pragma once

#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

struct InferredShapes {
  // Every tensor of the main graph and of the subgraphs of If, Loop and Scan that a type is known of; dimensions that
  // stay open keep their symbol. A name that scopes of subgraphs share is the outermost's.
  std::vector<ValueInfo> values;
  // The graph with model-local functions inlined: the nodes that `values` speak of.
  Graph graph;
  // What inference could not do, a sentence each: operators of unknown domains, a node whose inference failed.
  std::vector<std::string> notes;
};

// `shapes` binds inputs (all, some or none); the model itself is not changed. Weights are not copied: a model of 2 GB
// costs its graph alone. Fails when the shapes contradict the graph, with the node and the library's reason.
[[nodiscard]] Result<InferredShapes> infer_shapes(const OnnxModel& model, const BoundShapes& shapes = {});

}  // namespace trtprof
