// A serialized engine on disk: its header, and the record beside it. Read before any library of TensorRT is loaded.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "trtprof/backend/engine_record.h"
#include "trtprof/backend/plan_header.h"
#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"

namespace trtprof {

struct EngineFile {
  std::filesystem::path path;
  PlanHeader header;
  std::string sha256;
  std::optional<EngineRecord> record;  // only one that is of this very file
  std::string record_doubt;            // why a record that is there is not used, a sentence; empty otherwise

  [[nodiscard]] bool version_compatible() const { return record && record->options.version_compatible; }
  [[nodiscard]] bool without_weights() const { return record && record->options.strip_weights; }
};

[[nodiscard]] std::filesystem::path sidecar_path(const std::filesystem::path& engine);  // "m.engine.json"

// Fails for what parse_plan_header() refuses. A sidecar that is missing, damaged or of another file is no failure.
[[nodiscard]] Result<EngineFile> read_engine_file(const std::filesystem::path& path);

// Shapes that the engine was tuned for: opt of the first profile; empty where the record says none.
[[nodiscard]] BoundShapes recorded_shapes(const EngineFile& engine);
// Inputs that hold a shape, with the values that the engine was tuned for.
[[nodiscard]] BoundShapes recorded_shape_values(const EngineFile& engine);

// Where the model that it was built from may lie: where it was then, and beside the engine. Those that exist; whether
// one is still that model, its hash tells.
[[nodiscard]] std::vector<std::filesystem::path> candidate_models(const EngineFile& engine);

}  // namespace trtprof
