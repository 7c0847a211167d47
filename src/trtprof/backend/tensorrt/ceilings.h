// What a GPU can do at most. Needs CUDA alone, and cuBLASLt for the matrix units; nothing of TensorRT.
#pragma once

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/device.h"

namespace trtprof::tensorrt {

// The device is the thread's. `request.device` is not looked at.
[[nodiscard]] Result<MeasuredCeilings> measure_gpu(int device, const DeviceFacts& facts, const CeilingsRequest& request,
                                                   Progress& progress, const StopFlag& stop);

}  // namespace trtprof::tensorrt
