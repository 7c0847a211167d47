// LayerFacts from what TensorRT's IEngineInspector says of an engine (profile/engine_inspector.h reads its JSON).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/cost/cost.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/profile/engine_inspector.h"

namespace trtprof {

struct InspectorLayer {
  std::string name;
  std::string layer_type;               // "CaskConvolution"
  std::vector<std::string> onnx_nodes;  // from Metadata
  LayerFacts facts;
};

// In the engine's order. An engine built without ProfilingVerbosity::kDETAILED tells names only: its layers have no
// facts and say so.
[[nodiscard]] std::vector<InspectorLayer> inspector_layers(const InspectedEngine& engine);
// `source` names the text in errors.
[[nodiscard]] Result<std::vector<InspectorLayer>> inspector_layers(std::string_view json, std::string_view source);

// With the ONNX graph at hand: layers whose arithmetic TensorRT does not tell take that of the nodes they name. A layer
// that names a node which another names too, or which the graph does not have, stays as it is.
void explain_opaque_layers(std::vector<InspectorLayer>& layers, const OnnxOperators& operators);

}  // namespace trtprof
