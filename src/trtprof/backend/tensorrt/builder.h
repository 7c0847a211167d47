// An ONNX model into a serialized engine.
#pragma once

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/libraries.h"

namespace trtprof::tensorrt {

// `device` is -1 where there is no GPU: TensorRT-RTX builds without one. Errors of the parser name the node. Plugins
// are loaded already.
[[nodiscard]] Result<BuiltEngine> build_engine(const Libraries& libraries, int device, const ModelSource& source,
                                               const BuildOptions& options, Progress& progress, const StopFlag& stop);

}  // namespace trtprof::tensorrt
