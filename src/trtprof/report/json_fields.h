// Fields of JSON documents, for those who write them with JsonWriter. Private to report/.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "trtprof/profile/json_writer.h"

namespace trtprof::json_fields {

template <class Value>
void field(JsonWriter& json, std::string_view name, const Value& value) {
  json.key(name);
  if constexpr (std::is_convertible_v<Value, std::string_view>) {
    json.value(std::string_view(value));
  } else if constexpr (std::unsigned_integral<Value> && !std::is_same_v<Value, bool>) {
    json.value(std::uint64_t{value});
  } else {
    json.value(value);
  }
}

// Absent where it is not known.
template <class Value>
void field(JsonWriter& json, std::string_view name, const std::optional<Value>& value) {
  if (value) field(json, name, *value);
}

// Absent where it is empty.
inline void known(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) field(json, name, text);
}

inline void texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& lines) {
  json.key(name);
  json.begin_array();
  for (const std::string& line : lines) json.value(std::string_view(line));
  json.end_array();
}

inline void schema(JsonWriter& json, std::string_view name, int major, int minor) {
  json.key("schema");
  json.begin_object();
  field(json, "name", name);
  field(json, "major", std::int64_t{major});
  field(json, "minor", std::int64_t{minor});
  json.end_object();
}

// The schema, and which program wrote the document.
void head(JsonWriter& json, std::string_view name, int major, int minor);

// `key`: an array with what `write` makes of each entry.
template <class Entries, class Write>
void array(JsonWriter& json, std::string_view key, const Entries& entries, Write write) {
  json.key(key);
  json.begin_array();
  for (const auto& entry : entries) write(json, entry);
  json.end_array();
}

}  // namespace trtprof::json_fields
