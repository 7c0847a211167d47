// A model in memory made ready to run: backends read files, and some of them engines. Private to optimize/.
#pragma once

#include <memory>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

// Backends that run engines build one for `options.shapes`, with TF32 or without it; `options.precision` is the
// engine's own there. Files are gone afterwards.
[[nodiscard]] Result<std::unique_ptr<CompiledModel>> compile_model(Backend& backend, const OnnxModel& model,
                                                                   CompileOptions options, bool tf32,
                                                                   const StopFlag& stop = StopFlag());

}  // namespace trtprof
