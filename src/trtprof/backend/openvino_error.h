// OpenVINO's exceptions in words for a user. In the core, so that it is tested on recorded texts without the engine.
#pragma once

#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"

namespace trtprof {

// One sentence from an exception of OpenVINO, whose texts are stacks of checks and source lines. Names ONNX operators
// and nodes where the text names operations or friendly names. `engine` is "OpenVINO 2026.4.1"; `doing` says what was
// attempted ("model.onnx could not be compiled") and begins the sentence when the text names no node.
[[nodiscard]] Error openvino_error(std::string_view what, const Graph& graph, std::string_view engine,
                                   std::string_view doing);

}  // namespace trtprof
