// BuildOptions as TensorRT's builder takes them.
#pragma once

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

// Exporters give several dimensions one name that means nothing ("?"), and TensorRT takes equal names for equal sizes:
// names whose dimensions the profiles give different sizes are taken off. A note for each.
[[nodiscard]] std::vector<std::string> drop_contradicted_names(nvinfer1::INetworkDefinition& network,
                                                               const BuildOptions& options);

struct AddedProfiles {
  // The first profile narrowed to its opt shapes; null for a network without open dimensions. The builder owns it.
  const nvinfer1::IOptimizationProfile* calibration = nullptr;
};

// One optimisation profile for each of options.profiles. The error lists the inputs whose open dimensions no profile
// closes.
[[nodiscard]] Result<AddedProfiles> add_profiles(nvinfer1::IBuilder& builder, nvinfer1::IBuilderConfig& config,
                                                 const nvinfer1::INetworkDefinition& network,
                                                 const BuildOptions& options);

// Everything but profiles, weak typing and the timing cache. ErrorCode::usage for what this version does not have.
[[nodiscard]] Status configure(nvinfer1::IBuilderConfig& config, const BuildOptions& options);

}  // namespace trtprof::tensorrt
