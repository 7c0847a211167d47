#include "trtprof/profile/profile_json.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "trtprof/base/file.h"
#include "trtprof/profile/enum_names.h"
#include "trtprof/profile/json_writer.h"
#include "trtprof/profile/profile_fields.h"

namespace trtprof {
namespace {

// The archive that profile_fields.h is called with on the way out.
class FieldWriter {
 public:
  explicit FieldWriter(JsonWriter& json) : json_(json) {}

  template <class Value>
  void operator()(const char* name, const Value& value) {
    json_.key(name);
    write(value);
  }

  template <class Value>
  void operator()(const char* name, const std::optional<Value>& value) {
    if (value) {
      (*this)(name, *value);
    }
  }

 private:
  void write(const std::string& text) { json_.value(std::string_view(text)); }

  template <class Number>
    requires std::is_arithmetic_v<Number>
  void write(Number number) {
    if constexpr (std::is_same_v<Number, bool> || std::is_same_v<Number, double>) {
      json_.value(number);
    } else if constexpr (std::is_unsigned_v<Number>) {
      json_.value(std::uint64_t{number});
    } else {
      json_.value(std::int64_t{number});
    }
  }

  template <class Enum>
    requires std::is_enum_v<Enum>
  void write(Enum value) {
    json_.value(to_string(value));
  }

  template <class Element>
  void write(const std::vector<Element>& elements) {
    if constexpr (std::is_arithmetic_v<Element> || std::is_same_v<Element, std::optional<double>>) {
      json_.line_of(elements);
    } else {
      json_.begin_array();
      for (const Element& element : elements) {
        write(element);
      }
      json_.end_array();
    }
  }

  template <class Value>
  void write(const std::map<std::string, Value>& map) {
    json_.begin_object();
    for (const auto& [key, value] : map) {
      json_.key(key);
      write(value);
    }
    json_.end_object();
  }

  template <class Object>
    requires std::is_class_v<Object>
  void write(const Object& object) {
    json_.begin_object();
    profile_fields::fields(*this, object);
    json_.end_object();
  }

  JsonWriter& json_;
};

}  // namespace

std::string profile_to_json(const Profile& profile) {
  JsonWriter json;
  json.begin_object();
  json.key("schema");
  json.begin_object();
  json.key("name");
  json.value(std::string_view(kProfileSchemaName));
  json.key("major");
  json.value(std::int64_t{profile.schema_major});
  json.key("minor");
  json.value(std::int64_t{profile.schema_minor});
  json.end_object();
  FieldWriter writer(json);
  profile_fields::fields(writer, profile);
  json.end_object();
  return std::move(json).take();
}

Result<LoadedProfile> load_profile(const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path);
  if (!text) {
    return forward_error(text);
  }
  return profile_from_json(*text, path.string());
}

Status save_profile(const Profile& profile, const std::filesystem::path& path) {
  return write_file(path, profile_to_json(profile));
}

}  // namespace trtprof
