// `profile MODEL.onnx` on a backend that runs engines: the engine comes from the cache, or is built into it.
#pragma once

#include <filesystem>
#include <string>

#include "settings.h"
#include "trtprof/backend/backend.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/measure/measure.h"

namespace trtprof::cli {

// Puts the engine into request.source, and a note of where it is from into request.machine. Its shapes are those of
// request.compile. The builder's warnings are printed when it is built now.
[[nodiscard]] Status use_cached_engine(const Settings& settings, Backend& backend, ProfileRequest& request,
                                       Progress& progress, const StopFlag& stop);

// An engine that is not kept: built from request.source into `output`, beside which its record lies, with the options
// and shapes as above.
[[nodiscard]] Status build_engine_once(const Settings& settings, Backend& backend, const ProfileRequest& request,
                                       const std::filesystem::path& output, Progress& progress, const StopFlag& stop);

}  // namespace trtprof::cli
