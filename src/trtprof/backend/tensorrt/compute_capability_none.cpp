#include <fmt/format.h>

#include "trtprof/backend/tensorrt/compute_capability.h"

namespace trtprof::tensorrt {

Status set_compute_capabilities(nvinfer1::IBuilderConfig& /*config*/, const std::vector<std::string>& capabilities) {
  if (capabilities.empty()) return {};
  return usage_error(fmt::format("{} builds for the GPU that is there, not for a compute capability", kEngineName),
                     "TensorRT-RTX does (--backend tensorrt-rtx).");
}

}  // namespace trtprof::tensorrt
