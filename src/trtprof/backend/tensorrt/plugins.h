// Operators of the user's own: libraries that register themselves when loaded (as trtexec's --staticPlugins), and such
// that hand out creators for TensorRT to register (its --dynamicPlugins).
#pragma once

#include <filesystem>
#include <vector>

#include "trtprof/backend/tensorrt/libraries.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

// Each library once in a process: TensorRT keeps what it registers. The error says why a library does not load.
[[nodiscard]] Status load_plugins(const Libraries& libraries, const std::vector<std::filesystem::path>& files);

}  // namespace trtprof::tensorrt
