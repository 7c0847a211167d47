// LayerFacts from the layers of an OpenVINO profile and the ONNX graph they came from.
#pragma once

#include <vector>

#include "trtprof/cost/cost.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// One LayerFacts per layer. Operators are the layer's origin nodes, as the graph has them; inputs and outputs are what
// the engine reads and writes, in the engine's types, weights among them. Weights that the runtime model still lists in
// f32 count in the layer's own 16-bit precision, in which OpenVINO packs them at the first inference. A batch
// normalisation beside a convolution or a matrix product is in its weights and computes nothing.
//
// A layer without origin is what its engine type says (Reorder: a copy), or a kernel of unknown arithmetic. An ONNX
// node that several layers claim makes the arithmetic of each unknown: how it is spread over them is not told.
[[nodiscard]] std::vector<LayerFacts> openvino_layers(const std::vector<Layer>& layers, const OnnxOperators& operators);

}  // namespace trtprof
