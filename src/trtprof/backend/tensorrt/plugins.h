// Operators of the user's own, in libraries that register themselves when loaded.
#pragma once

#include <filesystem>
#include <vector>

#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

// Each library once in a process: TensorRT keeps what it registers. The error says why a library does not load.
[[nodiscard]] Status load_plugins(const std::vector<std::filesystem::path>& libraries);

}  // namespace trtprof::tensorrt
