
#include <fmt/format.h>

#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/backend/tensorrt/timing_cache.h"

namespace trtprof::tensorrt {

Result<std::unique_ptr<TimingCache>> use_timing_cache(nvinfer1::IBuilderConfig& /*config*/,
                                                      const std::filesystem::path& path) {
  if (!path.empty()) {
    return usage_error(fmt::format("{} has no timing cache: it times no kernels when it builds", kEngineName),
                       "Leave --timing-cache out.");
  }
  return std::unique_ptr<TimingCache>();
}

}  // namespace trtprof::tensorrt
