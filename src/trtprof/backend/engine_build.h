// Builds an engine and writes it with its record.
#pragma once

#include <filesystem>

#include "trtprof/backend/backend.h"
#include "trtprof/backend/engine_record.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct EngineBuildRequest {
  ModelSource source;  // path and graph
  ModelInfo model;     // from OnnxModel::info()
  BuildOptions options;
  std::filesystem::path output;
  std::vector<std::string> command_line;
};

// Could `output` and its sidecar be written? To be asked before minutes of building: only regular files can, in a
// folder that is there.
[[nodiscard]] Status check_engine_output(const std::filesystem::path& output);

// Both files are there afterwards, or neither is and what was at their paths before still is: on a failure, and when
// the user stops it (ErrorCode::interrupted).
[[nodiscard]] Result<EngineRecord> build_engine_file(Backend& backend, const EngineBuildRequest& request,
                                                     Progress& progress, const StopFlag& stop);

}  // namespace trtprof
