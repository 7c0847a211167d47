// kFP16, kINT8 and calibration: TensorRT 10 alone (weak_typing_10.cpp). The others refuse (weak_typing_none.cpp).
#pragma once

#include <memory>

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

// What must outlive the build.
class WeakTypingState {
 public:
  virtual ~WeakTypingState() = default;
  // Failures inside callbacks of the builder, which cannot tell it themselves.
  [[nodiscard]] virtual Status status() const = 0;
  [[nodiscard]] virtual std::vector<std::string> warnings() const = 0;
};

// `calibration_profile`: for networks with open dimensions the profile whose min, opt and max are the opt shapes; else
// null.
[[nodiscard]] Result<std::unique_ptr<WeakTypingState>> apply_weak_typing(
    nvinfer1::IBuilderConfig& config, const nvinfer1::INetworkDefinition& network,
    const nvinfer1::IOptimizationProfile* calibration_profile, const BuildOptions& options);

}  // namespace trtprof::tensorrt
