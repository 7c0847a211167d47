// What a layer is called where people read: the model's own word for it.
#pragma once

#include <string>

#include "trtprof/profile/profile.h"

namespace trtprof {

// The ONNX node that gives the layer its class (the Conv of a fused Conv, BatchNormalization and Clip); the first where
// none does; nullptr without origin.
[[nodiscard]] const OriginNode* main_origin(const Layer& layer);

// The engine's name where it holds the main origin's, as TensorRT's "conv1 + relu1" does, and is no list of nodes that
// is too long for a table (39 columns). Else the main origin's name, with the number of nodes fused into it, "stem/conv
// (+2)": OpenVINO calls that layer "Multiply_21864", another number at every load. The engine's name for layers of its
// own making.
[[nodiscard]] std::string readable_name(const Layer& layer);

}  // namespace trtprof
