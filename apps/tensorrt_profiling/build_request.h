// What the builder is asked for: the user's options, fitted to the model and to where the engine goes.
#pragma once

#include <filesystem>

#include "settings.h"
#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::cli {

// One optimisation profile for the inputs with open dimensions, none without. --shape and --batch fix a shape;
// --min-shape, --opt-shape and --max-shape give a range, where what is left out is opt, and opt itself is max. Of an
// input that holds a shape they give the values.
[[nodiscard]] Result<std::vector<ShapeProfile>> make_profiles(const Settings& settings, const Graph& graph);

// A usage error when not one weight is 2:4 sparse, with how many were looked at.
[[nodiscard]] Status check_sparsity(const OnnxModel& model);

// The file that builds beside `engine` share, named after the library that fills it. Empty: the user wants none, or the
// library keeps none.
[[nodiscard]] std::filesystem::path timing_cache_of(const Settings& settings, Backend& backend,
                                                    const std::filesystem::path& engine);

}  // namespace trtprof::cli
