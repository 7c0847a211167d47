// How a serialized engine came about: the sidecar that is written beside it, "<engine>.json".
// docs/engine.schema.json describes the JSON, field by field the same names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trtprof/backend/build_options.h"
#include "trtprof/base/error.h"

namespace trtprof {

inline constexpr const char* kEngineSchemaName = "trtprof-engine";
inline constexpr int kEngineSchemaMajor = 1;
inline constexpr int kEngineSchemaMinor = 1;

struct EngineIdentity {
  std::string sha256;  // of the engine file; a sidecar whose hash is not the file's belongs to another engine
  std::uint64_t bytes = 0;
  bool operator==(const EngineIdentity&) const = default;
};

struct EngineOrigin {
  std::string path;    // of the model, absolute
  std::string sha256;  // as ModelInfo::sha256: external data counted in
  std::optional<std::uint64_t> bytes;
  bool operator==(const EngineOrigin&) const = default;
};

struct EngineBuilder {
  std::string backend;  // "tensorrt", "tensorrt-rtx"
  std::string name;     // "TensorRT"
  std::string version;  // "10.6.0.26"
  std::string device;   // "NVIDIA H200"; empty: built without a GPU
  std::string compute_capability;
  double seconds = 0.0;
  std::vector<std::string> warnings;
  std::vector<std::string> notes;
  bool operator==(const EngineBuilder&) const = default;
};

struct EngineTool {
  std::string version;
  std::string commit;
  std::vector<std::string> command_line;
  std::string finished_at;  // UTC, ISO 8601
  bool operator==(const EngineTool&) const = default;
};

struct EngineRecord {
  EngineIdentity engine;
  EngineOrigin model;
  EngineBuilder builder;
  BuildOptions options;
  EngineTool tool;
  bool operator==(const EngineRecord&) const = default;
};

[[nodiscard]] std::string_view to_string(WeakCalibrationMethod method);  // "entropy", "min_max"
[[nodiscard]] std::string_view to_string(ProfilingVerbosity verbosity);
[[nodiscard]] std::string_view to_string(HardwareCompatibility compatibility);  // "none", "ampere_plus", ...

// Ends in a newline.
[[nodiscard]] std::string engine_record_to_json(const EngineRecord& record);
// Strict about what it knows, tolerant of fields that a newer minor version added. `source` names the text in errors.
[[nodiscard]] Result<EngineRecord> engine_record_from_json(std::string_view text, std::string_view source);

// Those that are not the default, as name and value, for people to read: {"weak", "fp16, int8 (entropy)"}. Where files
// lie is not told.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> describe_options(const BuildOptions& options);

// The options alone; the same text for equal options. For keys.
[[nodiscard]] std::string build_options_to_json(const BuildOptions& options);

}  // namespace trtprof
