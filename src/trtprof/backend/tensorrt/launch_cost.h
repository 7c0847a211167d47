// What one more kernel costs.
#pragma once

#include "trtprof/backend/tensorrt/gpu_timer.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/profile/device_ceilings.h"

namespace trtprof::tensorrt {

// Launched on a stream one by one: the host's enqueueing or the device's work for it, whichever takes longer.
[[nodiscard]] Result<CeilingFigure> measure_launch_cost(const GpuTimer& timer, double seconds, const StopFlag& stop);
// As one more node of a chain in a CUDA graph.
[[nodiscard]] Result<CeilingFigure> measure_graph_node_cost(const GpuTimer& timer, double seconds,
                                                            const StopFlag& stop);

}  // namespace trtprof::tensorrt
