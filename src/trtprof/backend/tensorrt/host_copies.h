// How fast memory goes between host and device.
#pragma once

#include "trtprof/backend/tensorrt/gpu_timer.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/profile/device_ceilings.h"

namespace trtprof::tensorrt {

// `kind` is one of the four rates between host and device.
[[nodiscard]] Result<CeilingFigure> measure_host_copies(const GpuTimer& timer, CeilingKind kind, double seconds,
                                                        const StopFlag& stop);

}  // namespace trtprof::tensorrt
