#include <fmt/format.h>

#include "trtprof/backend/tensorrt/weak_typing.h"

namespace trtprof::tensorrt {

Result<std::unique_ptr<WeakTypingState>> apply_weak_typing(nvinfer1::IBuilderConfig& /*config*/,
                                                           const nvinfer1::INetworkDefinition& /*network*/,
                                                           const nvinfer1::IOptimizationProfile* /*profile*/,
                                                           const BuildOptions& options) {
  if (!options.weak.any()) return std::unique_ptr<WeakTypingState>();
  return usage_error(
      fmt::format("{} {} has no weak typing: its networks are strongly typed", kEngineName, kHeadersMajor),
      "Convert the ONNX model to the precision it shall run in, and build that without --weak.");
}

}  // namespace trtprof::tensorrt
