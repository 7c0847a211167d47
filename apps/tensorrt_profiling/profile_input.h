// The file that is profiled, read before any engine library is loaded: an ONNX model or a serialized engine.
#pragma once

#include <optional>

#include "settings.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/measure/measure.h"

namespace trtprof::cli {

struct ProfileInput {
  std::optional<EngineFile> engine;  // the file is one
  ModelSource source;
  ModelInfo info;
  BoundShapes shapes;
  BoundShapes shape_values;  // of inputs that hold a shape
  std::filesystem::path refit_from;
  Remarks remarks;
};

[[nodiscard]] Result<ProfileInput> read_profile_input(const Settings& settings);

// Options that `backend` has no use for are a usage error, rather than silently without effect.
[[nodiscard]] Status check_fits(const Settings& settings, const ProfileInput& input, const Backend& backend);

[[nodiscard]] Result<ProfileRequest> make_profile_request(const Settings& settings, const ProfileInput& input);

}  // namespace trtprof::cli
