// Measured kernel times, shared by builds: read before, merged into the file after under a lock, so that of two builds
// at once neither loses what the other found. TensorRT-RTX has none (timing_cache_none.cpp).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

class TimingCache {
 public:
  virtual ~TimingCache() = default;
  // After the build. A file that another version or GPU left, or that is no cache, is replaced.
  [[nodiscard]] virtual Status save() = 0;
  // "timing cache a.cache: another device's, replaced"
  [[nodiscard]] virtual std::vector<std::string> notes() const = 0;
};

// Null when `path` is empty: TensorRT then keeps the times of this build to itself.
[[nodiscard]] Result<std::unique_ptr<TimingCache>> use_timing_cache(nvinfer1::IBuilderConfig& config,
                                                                    const std::filesystem::path& path);

}  // namespace trtprof::tensorrt
