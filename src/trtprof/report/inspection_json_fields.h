// What the documents of `inspect` share. Private to report/.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "trtprof/profile/json_writer.h"
#include "trtprof/report/inspection.h"
#include "trtprof/report/json_fields.h"

namespace trtprof::inspection_json {

using json_fields::field;
using json_fields::texts;

inline void begin_document(JsonWriter& json, std::string_view kind) {
  json.begin_object();
  json_fields::schema(json, kInspectionSchemaName, kInspectionSchemaMajor, kInspectionSchemaMinor);
  field(json, "kind", kind);
}

inline void file(JsonWriter& json, std::string_view path, std::optional<std::uint64_t> bytes, std::string_view sha256) {
  json.key("file");
  json.begin_object();
  field(json, "path", path);
  field(json, "bytes", bytes);
  if (!sha256.empty()) {
    field(json, "sha256", sha256);
  }
  json.end_object();
}

}  // namespace trtprof::inspection_json
