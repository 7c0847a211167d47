// How `inspect` shows what is in a file: as text and as a JSON document (docs/inspection.schema.json).
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/cost/fusion_report.h"
#include "trtprof/cost/inspection.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct ModelInspection {
  ModelInfo model;
  std::vector<ValueInfo> inputs;  // as bound; what is left open keeps its symbol
  std::vector<ValueInfo> outputs;
  Inspection contents;
  std::vector<std::string> warnings;  // what was odd about the file, a sentence each
};

struct ProfileInspection {
  std::string path;
  std::uint64_t file_bytes = 0;
  Profile profile;
  std::vector<std::string> reading_notes;  // what of a newer version was left out
};

// What the record beside an engine says.
struct EngineHistory {
  std::string record;  // path
  std::string builder;
  std::string builder_version;
  std::string device;  // empty: built without a GPU
  std::string compute_capability;
  double seconds = 0.0;
  std::string finished_at;
  std::string model_path;
  std::string model_sha256;
  std::vector<std::pair<std::string, std::string>> options;  // those that are not the default, name and value
  std::vector<std::string> warnings;                         // the builder's
};

struct EngineInspection {
  std::string path;
  std::uint64_t file_bytes = 0;
  std::string sha256;
  std::string flavour;  // "TensorRT", "TensorRT-RTX"
  std::string version;  // that built it, from the header
  std::optional<EngineHistory> history;
  // What the library tells of it; empty where it could not be loaded.
  std::vector<TensorDesc> inputs;
  std::vector<TensorDesc> outputs;
  std::optional<FusionReport> fusion;
  std::vector<std::string> unseen;  // what could not be seen and why, a sentence each
  std::vector<std::string> notes;
  std::vector<std::string> warnings;
};

struct InspectionTextOptions {
  bool color = false;
  std::size_t candidates_of_a_kind = 3;  // fusion candidates that are listed; all are counted
};

// Sections: what it is, operators, precision, memory, open dimensions, largest tensors, fusion candidates, notes.
void write_inspection_text(std::ostream& out, const ModelInspection& inspection, const InspectionTextOptions& options);
void write_inspection_text(std::ostream& out, const ProfileInspection& inspection,
                           const InspectionTextOptions& options);
void write_inspection_text(std::ostream& out, const EngineInspection& inspection, const InspectionTextOptions& options);

inline constexpr const char* kInspectionSchemaName = "trtprof-inspection";
inline constexpr int kInspectionSchemaMajor = 1;
inline constexpr int kInspectionSchemaMinor = 1;

// Ends in a newline. What is not known is absent.
[[nodiscard]] std::string inspection_to_json(const ModelInspection& inspection);
[[nodiscard]] std::string inspection_to_json(const ProfileInspection& inspection);
[[nodiscard]] std::string inspection_to_json(const EngineInspection& inspection);

}  // namespace trtprof
