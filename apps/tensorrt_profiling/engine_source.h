// What stands behind an engine file: the model it was built from, and the shapes to run it with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "trtprof/backend/engine_file.h"
#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::cli {

struct EngineModel {
  std::optional<OnnxModel> model;  // nullopt: not at hand
  ModelInfo info;                  // of the model, when it is there
  std::string note;                // where the model is from, or why there is none; a sentence
  std::string doubt;               // a reason to distrust the origins; a sentence, empty: none
};

// `given` (--model), whatever its hash, with a doubt where that is not the recorded one; an error when it cannot be
// read. Else the recorded model, where it is and beside the engine, while it is unchanged.
[[nodiscard]] Result<EngineModel> find_engine_model(const EngineFile& engine,
                                                    const std::optional<std::filesystem::path>& given);

// Where the engine's weights come from before it runs.
struct RefitSource {
  std::filesystem::path model;  // empty: the engine has its own
  std::string doubt;            // a sentence; empty: none
};

// `given` (--refit-from); else, of an engine without weights, its model. An error where that is not at hand.
[[nodiscard]] Result<RefitSource> find_refit_source(const EngineFile& engine, const EngineModel& model,
                                                    const std::optional<std::filesystem::path>& given);

struct EngineShapes {
  BoundShapes shapes;
  BoundShapes values;  // of inputs that hold a shape
};

// What the engine was tuned for, but for what the user says. Inputs that neither names keep the engine's own shape.
[[nodiscard]] Result<EngineShapes> engine_shapes(const ShapeRequest& request, const EngineFile& engine,
                                                 const Graph& graph);

}  // namespace trtprof::cli
