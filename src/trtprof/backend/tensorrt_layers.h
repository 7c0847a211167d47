// Layers of a TensorRT engine from what TensorRT says of it: the inspector's JSON and the names its IProfiler reports.
// Pure functions, so that the joins are tested on recordings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/engine_inspector.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// Executed layers in the engine's order, without times. Origins come from "Metadata" and, where that says nothing, from
// the layer's name ("a + b"); with the graph at hand they are completed by resolve_origins(). An empty graph is a model
// that is not at hand: origin nodes then have no op_type. Accepts the 10.x and the 11.x form. `source` names the text
// in errors.
[[nodiscard]] Result<std::vector<Layer>> tensorrt_layers(std::string_view inspector_json, const Graph& graph,
                                                         std::string_view source);
// The same of an engine that was read already. Layers of other optimisation profiles are left out.
[[nodiscard]] std::vector<Layer> tensorrt_layers(InspectedEngine engine, const Graph& graph);

// What the layers that do the work compute in: "f16", "f16 and f32".
[[nodiscard]] std::string tensorrt_precision(const std::vector<Layer>& layers);

// Index into `layers` for every name that IProfiler reported in one inference, in that order. A name that no layer has
// gets a layer of its own (opaque where it names a ForeignNode), put where it ran; a block that the inspector lists in
// parts and the profiler as one ("{ForeignNode[a...b]}") likewise.
[[nodiscard]] std::vector<std::size_t> join_profiler_names(std::vector<Layer>& layers,
                                                           const std::vector<std::string>& reported);

}  // namespace trtprof
