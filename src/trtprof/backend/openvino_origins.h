// The join between the runtime model of OpenVINO's CPU plugin and ONNX nodes. In the core, so that it is tested on
// recordings without the engine.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/backend/origin.h"
#include "trtprof/model/graph.h"

namespace trtprof {

// A node of the runtime model; keys of its rt_info in quotes.
struct OpenVinoNode {
  std::string name;
  std::string type;                    // "layerType"
  std::string original_names;          // "originalLayersNames": joined by commas
  std::vector<std::size_t> producers;  // indices, each before this node's
};

// Which nodes depend on an input of the model. The rest is made of constants alone (transposed and reshaped weights)
// and has run before the first inference.
[[nodiscard]] std::vector<bool> depends_on_inputs(const std::vector<OpenVinoNode>& nodes);

// One Origin per node, by resolve_origins(); none for what does not depend on the inputs.
[[nodiscard]] std::vector<Origin> origins_of_openvino_nodes(const std::vector<OpenVinoNode>& nodes, const Graph& graph);

// ONNX operators that a node's main operation can come from, for EngineLayer::main_ops; empty: nothing sure. `type` is
// the layerType or the profiling info's node_type ("Convolution", "MVN"). A node that one of OpenVINO's passes made is
// called by its type and a number, and that says more than "Subgraph" does: "Multiply_32921".
[[nodiscard]] std::vector<std::string> onnx_ops_of_openvino_node(std::string_view type, std::string_view name);

}  // namespace trtprof
