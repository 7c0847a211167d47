// What IEngineInspector says, in parts: for readers of documents that are too long to be held as a whole.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "trtprof/profile/engine_inspector.h"

namespace trtprof {

// An element of "Layers": an object, or a name alone.
[[nodiscard]] InspectedLayer inspected_layer(const nlohmann::json& layer);
// An element of "Bindings" (10.x) or of "I/O Tensors" (11.x).
[[nodiscard]] InspectedBinding inspected_binding(const nlohmann::json& binding);
// When all parts are there: which inputs no layer writes (InspectedTensor::constant).
void mark_constants(InspectedEngine& engine);

}  // namespace trtprof
