// LayerFacts from what TensorRT's IEngineInspector (and trtexec --exportLayerInfo) says of an engine, in JSON: the form
// of TensorRT 10.x ("Format/Datatype", "Bindings") and that of 11.x ("Format" and "DataType", "I/O Tensors").
// https://docs.nvidia.com/deeplearning/tensorrt/11.3.0/api/migration/tensorrt-10x-to-11x-IEngineInspector.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/cost/cost.h"
#include "trtprof/cost/onnx_facts.h"

namespace trtprof {

struct InspectorLayer {
  std::string name;
  std::string layer_type;               // "CaskConvolution"
  std::vector<std::string> onnx_nodes;  // from Metadata
  LayerFacts facts;
};

// In the engine's order. `source` names the text in errors. An engine built without ProfilingVerbosity::kDETAILED tells
// names only: its layers have no facts and say so.
[[nodiscard]] Result<std::vector<InspectorLayer>> inspector_layers(std::string_view json, std::string_view source);

// With the ONNX graph at hand: layers whose arithmetic TensorRT does not tell take that of the nodes they name. A layer
// that names a node which another names too, or which the graph does not have, stays as it is.
void explain_opaque_layers(std::vector<InspectorLayer>& layers, const OnnxOperators& operators);

// "Half", "Channel major FP16 format where channel % 8 == 0", "Row major linear Int8 format"; ElementType::unknown for
// the rest.
[[nodiscard]] ElementType element_type_from_inspector(std::string_view text);

}  // namespace trtprof
