
#include "trtprof/backend/tensorrt/timing_cache.h"

namespace trtprof::tensorrt {

Result<std::unique_ptr<TimingCache>> use_timing_cache(nvinfer1::IBuilderConfig& /*config*/,
                                                      const std::filesystem::path& /*path*/) {
  return std::unique_ptr<TimingCache>();
}

}  // namespace trtprof::tensorrt
