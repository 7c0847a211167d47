// GPUs to build for that need not be here: TensorRT-RTX alone (compute_capability_rtx.cpp).
#pragma once

#include <string>
#include <vector>

#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

// "8.9": an SM version. ErrorCode::usage for what the version does not build for.
[[nodiscard]] Status set_compute_capabilities(nvinfer1::IBuilderConfig& config,
                                              const std::vector<std::string>& capabilities);

}  // namespace trtprof::tensorrt
