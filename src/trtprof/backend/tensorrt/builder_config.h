// BuildOptions as TensorRT's builder takes them.
#pragma once

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

// Inputs that shall have one shape get it for good: the engine is then static, and names of dimensions, which exporters
// give freely ("?" for all of them), no longer tie what has different sizes.
void fix_single_shapes(nvinfer1::INetworkDefinition& network, const BuildOptions& options);

// TensorRT takes dimensions of one name for equal and fails in its own terms where the profiles say otherwise.
[[nodiscard]] Status check_dimension_names(const nvinfer1::INetworkDefinition& network, const BuildOptions& options);

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
