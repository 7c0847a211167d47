// What the documents of `inspect` share. Private to report/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "trtprof/profile/json_writer.h"
#include "trtprof/report/inspection.h"

namespace trtprof::inspection_json {

template <class Value>
void field(JsonWriter& json, std::string_view name, const Value& value) {
  json.key(name);
  if constexpr (std::is_convertible_v<Value, std::string_view>) {
    json.value(std::string_view(value));
  } else {
    json.value(value);
  }
}

template <class Value>
void field(JsonWriter& json, std::string_view name, const std::optional<Value>& value) {
  if (value) {
    field(json, name, *value);
  }
}

inline void texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& lines) {
  json.key(name);
  json.begin_array();
  for (const std::string& line : lines) {
    json.value(std::string_view(line));
  }
  json.end_array();
}

inline void begin_document(JsonWriter& json, std::string_view kind) {
  json.begin_object();
  json.key("schema");
  json.begin_object();
  field(json, "name", kInspectionSchemaName);
  field(json, "major", std::int64_t{kInspectionSchemaMajor});
  field(json, "minor", std::int64_t{kInspectionSchemaMinor});
  json.end_object();
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
