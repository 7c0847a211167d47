// The plain-value Graph of a ModelProto.
#pragma once

#include "trtprof/model/graph.h"

namespace onnx {
class ModelProto;
}

namespace trtprof {

[[nodiscard]] Graph graph_from_proto(const onnx::ModelProto& model);

}  // namespace trtprof
