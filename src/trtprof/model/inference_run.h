// One run of the ONNX library's shape inference over a model, with what failed told node by node.
#pragma once

#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace trtprof {

struct NodeFailure {
  std::string node;    // the library's words: "(op_type:Conv, node name: conv1)"; empty: no node is named
  std::string reason;  // one line
};

struct InferenceRun {
  onnx::ModelProto model;  // with the types of every graph and subgraph that could be inferred
  std::vector<NodeFailure> failures;
};

// Nodes that fail are passed over; those that follow are inferred as far as that goes.
[[nodiscard]] InferenceRun run_inference(const onnx::ModelProto& model);

// How failures call this node.
[[nodiscard]] std::string failure_key(const onnx::NodeProto& node);

}  // namespace trtprof
