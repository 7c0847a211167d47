// What OpenVINO says in words, understood: names of layers and texts of exceptions. Pure functions, in the core, so
// that they are tested without the engine and can serve recordings of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"

namespace trtprof {

// ONNX operators that the main operation of a layer can come from, for EngineLayer::main_ops; empty: nothing sure.
// `type` is the layerType of the runtime model or the node_type of the profiling info ("Convolution", "MVN"). A node
// that one of OpenVINO's passes made is called by its type and a number, and that says more than "Subgraph" does:
// "Multiply_32921".
[[nodiscard]] std::vector<std::string> onnx_ops_of_openvino_layer(std::string_view type, std::string_view name);

// One sentence from an exception of OpenVINO, whose texts are stacks of checks and source lines. Names ONNX operators
// and nodes where the text names operations or friendly names. `engine` is "OpenVINO 2026.4.1"; `doing` says what was
// attempted ("model.onnx could not be compiled") and begins the sentence when the text names no node.
[[nodiscard]] Error openvino_error(std::string_view what, const Graph& graph, std::string_view engine,
                                   std::string_view doing);

}  // namespace trtprof
