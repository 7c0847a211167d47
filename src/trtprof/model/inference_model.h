// The model as shape inference gets it: without weights, functions inlined, nothing stored that inference could trip
// over.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

// Every graph of a model, each after the graph that encloses it, outermost first.
[[nodiscard]] std::vector<onnx::GraphProto*> graphs_outermost_first(onnx::ModelProto& model);
[[nodiscard]] std::vector<const onnx::GraphProto*> graphs_outermost_first(const onnx::ModelProto& model);

struct InferenceModel {
  // Without weights and without the types that it stores of computed values: exporters leave stale ones.
  onnx::ModelProto proto;
  // Those types, for what inference cannot tell; a graph each, in the order of graphs_outermost_first().
  std::vector<std::vector<onnx::ValueInfoProto>> stored;
  Graph graph;
  std::vector<std::string> notes;
};

[[nodiscard]] InferenceModel make_inference_model(const OnnxModel& model);

// Gives inputs their shapes, and every type the values of the symbols that this binds. Fails for an input that does not
// exist and for a shape that the input's declaration contradicts.
[[nodiscard]] Status bind_inputs(InferenceModel& model, const BoundShapes& shapes);

}  // namespace trtprof
