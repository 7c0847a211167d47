// Serialized engines, which only their own backend can open.
#pragma once

#include <string>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::cli {

// Why the engine file cannot be used here, in the words of its backend's module. `instead`: what to do when the module
// is there.
[[nodiscard]] tl::unexpected<Error> engine_unavailable(const std::string& path, FileKind kind,
                                                       const std::string& instead);

}  // namespace trtprof::cli
