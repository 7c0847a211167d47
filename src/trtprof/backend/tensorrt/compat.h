// The one place that knows what differs between TensorRT 10.x, 11.x and TensorRT-RTX 1.x. Code that exists for one
// of them alone lies in a file of its own, which CMake selects.
#pragma once

#include <NvInfer.h>
#include <NvOnnxParser.h>
#include <cstdint>
#include <optional>
#include <vector>

#include "trtprof/backend/build_options.h"
#include "trtprof/backend/plan_header.h"

namespace trtprof::tensorrt {

#ifdef TRT_MAJOR_RTX
inline constexpr EngineFlavour kFlavour = EngineFlavour::tensorrt_rtx;
inline constexpr const char* kBackendName = "tensorrt-rtx";
inline constexpr const char* kEngineName = "TensorRT-RTX";
inline constexpr bool kHasTimingCache = false;  // nothing is timed ahead of time
inline constexpr bool kHasWeakTyping = false;
// Its headers declare plugins, its networks have no layer for them, and its ONNX parser ends the process over one.
inline constexpr bool kHasPlugins = false;
#else
inline constexpr EngineFlavour kFlavour = EngineFlavour::tensorrt;
inline constexpr const char* kBackendName = "tensorrt";
inline constexpr const char* kEngineName = "TensorRT";
inline constexpr bool kHasTimingCache = true;
inline constexpr bool kHasWeakTyping = NV_TENSORRT_MAJOR <= 10;
inline constexpr bool kHasPlugins = true;
#endif

inline constexpr int kHeadersMajor = NV_TENSORRT_MAJOR;
inline constexpr int kHeadersMinor = NV_TENSORRT_MINOR;

// What create...() functions check the caller's headers by (NV_TENSORRT_VERSION of either kind of header).
inline constexpr std::int32_t kHeadersVersion = NV_TENSORRT_VERSION;

// Flags of INetworkDefinition: 10.x is weakly typed unless told, later versions know strong typing alone.
[[nodiscard]] inline nvinfer1::NetworkDefinitionCreationFlags network_flags([[maybe_unused]] bool weak) {
#if NV_TENSORRT_MAJOR == 10
  return weak ? 0U : 1U << static_cast<std::uint32_t>(nvinfer1::NetworkDefinitionCreationFlag::kSTRONGLY_TYPED);
#else
  return 0U;
#endif
}

// false: this version does not have the level. RTX has none and says so of any call.
[[nodiscard]] inline bool set_hardware_compatibility(nvinfer1::IBuilderConfig& config, HardwareCompatibility level) {
#ifdef TRT_MAJOR_RTX
  static_cast<void>(config);
  return level == HardwareCompatibility::none;
#else
  using Level = nvinfer1::HardwareCompatibilityLevel;
  switch (level) {
    case HardwareCompatibility::none:
      return true;
    case HardwareCompatibility::ampere_plus:
      config.setHardwareCompatibilityLevel(Level::kAMPERE_PLUS);
      return true;
    case HardwareCompatibility::same_compute_capability:
#if NV_TENSORRT_MAJOR != 10 || NV_TENSORRT_MINOR >= 8
      config.setHardwareCompatibilityLevel(Level::kSAME_COMPUTE_CAPABILITY);
      return true;
#else
      return false;
#endif
  }
  return false;
#endif
}

// The values of a shape tensor that an optimisation profile stands for. 64 bits wide from 11.0 on.
[[nodiscard]] inline bool set_shape_values(nvinfer1::IOptimizationProfile& profile, const char* input,
                                           nvinfer1::OptProfileSelector select,
                                           const std::vector<std::int64_t>& values) {
#if NV_TENSORRT_MAJOR == 10
  const std::vector<std::int32_t> narrow(values.begin(), values.end());
  return profile.setShapeValues(input, select, narrow.data(), static_cast<std::int32_t>(narrow.size()));
#else
  return profile.setShapeValuesV2(input, select, values.data(), static_cast<std::int32_t>(values.size()));
#endif
}

// Of an engine; empty: the input is no shape tensor. As 64-bit values.
[[nodiscard]] inline std::vector<std::int64_t> shape_values(const nvinfer1::ICudaEngine& engine, const char* input,
                                                            std::int32_t profile, nvinfer1::OptProfileSelector select,
                                                            std::size_t count) {
#if NV_TENSORRT_MAJOR == 10
  const std::int32_t* values = engine.getProfileTensorValues(input, profile, select);
#else
  const std::int64_t* values = engine.getProfileTensorValuesV2(input, profile, select);
#endif
  return values == nullptr ? std::vector<std::int64_t>{} : std::vector<std::int64_t>(values, values + count);
}

// Bytes of weights that an engine was built without. nullopt: what runs it cannot tell; early versions of 10 cannot,
// and a lean runtime that the engine carries is of the version that built it.
[[nodiscard]] inline std::optional<std::int64_t> stripped_bytes([[maybe_unused]] const nvinfer1::ICudaEngine& engine,
                                                                [[maybe_unused]] const EngineVersion& plan) {
#if NV_TENSORRT_MAJOR == 10
  return std::nullopt;
#else
  if (plan.major < kHeadersMajor) return std::nullopt;
  return engine.getEngineStat(nvinfer1::EngineStat::kSTRIPPED_WEIGHTS_SIZE);
#endif
}

}  // namespace trtprof::tensorrt
