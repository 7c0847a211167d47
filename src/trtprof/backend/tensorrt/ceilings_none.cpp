// In modules that were built without CUDA's compiler.
#include "trtprof/backend/tensorrt/ceilings.h"

namespace trtprof::tensorrt {

Result<MeasuredCeilings> measure_gpu(int /*device*/, const DeviceFacts& /*facts*/, const CeilingsRequest& /*request*/,
                                     Progress& /*progress*/, const StopFlag& /*stop*/) {
  return unavailable("this build cannot measure a GPU: nvcc, CUDA's compiler, was not there when it was made",
                     "tools/deps.sh gpu brings it; then configure and build anew.");
}

}  // namespace trtprof::tensorrt
