// What a CPU can do at most: its memory and last cache by copies and reads, its arithmetic by this engine's own layers.
#pragma once

#include <cstddef>
#include <string>

#include <openvino/runtime/core.hpp>

#include "trtprof/backend/backend.h"

namespace trtprof::openvino {

// Threads that a model gets when nothing is asked for.
[[nodiscard]] int default_threads(ov::Core& core);

[[nodiscard]] Result<MeasuredCeilings> measure_cpu(ov::Core& core, const std::string& device_name,
                                                   const CeilingsRequest& request, Progress& progress,
                                                   const StopFlag& stop);

}  // namespace trtprof::openvino
