// How `inspect` shows what is in a file: as text and as a JSON document (docs/inspection.schema.json).
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

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

struct InspectionTextOptions {
  bool color = false;
  std::size_t candidates_of_a_kind = 3;  // fusion candidates that are listed; all are counted
};

// Sections: what it is, operators, precision, memory, open dimensions, largest tensors, fusion candidates, notes.
void write_inspection_text(std::ostream& out, const ModelInspection& inspection, const InspectionTextOptions& options);
void write_inspection_text(std::ostream& out, const ProfileInspection& inspection,
                           const InspectionTextOptions& options);

inline constexpr const char* kInspectionSchemaName = "trtprof-inspection";
inline constexpr int kInspectionSchemaMajor = 1;
inline constexpr int kInspectionSchemaMinor = 0;

// Ends in a newline. What is not known is absent.
[[nodiscard]] std::string inspection_to_json(const ModelInspection& inspection);
[[nodiscard]] std::string inspection_to_json(const ProfileInspection& inspection);

}  // namespace trtprof
