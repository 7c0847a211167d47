#include "trtprof/backend/engine_record.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/backend/engine_record_fields.h"
#include "trtprof/base/tensor.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/json_writer.h"

namespace trtprof {
namespace {

using Json = nlohmann::json;

template <class Enum>
using Names = std::array<std::pair<Enum, std::string_view>, 3>;

constexpr std::array<std::pair<WeakCalibrationMethod, std::string_view>, 2> kCalibrationMethods = {
    {{WeakCalibrationMethod::entropy, "entropy"}, {WeakCalibrationMethod::min_max, "min_max"}}};
constexpr Names<ProfilingVerbosity> kVerbosities = {{{ProfilingVerbosity::none, "none"},
                                                     {ProfilingVerbosity::names, "names"},
                                                     {ProfilingVerbosity::detailed, "detailed"}}};
constexpr Names<HardwareCompatibility> kCompatibilities = {
    {{HardwareCompatibility::none, "none"},
     {HardwareCompatibility::ampere_plus, "ampere_plus"},
     {HardwareCompatibility::same_compute_capability, "same_compute_capability"}}};

const auto& names_of(WeakCalibrationMethod) {
  return kCalibrationMethods;
}
const auto& names_of(ProfilingVerbosity) {
  return kVerbosities;
}
const auto& names_of(HardwareCompatibility) {
  return kCompatibilities;
}

template <class Enum>
std::string_view name_of(Enum value) {
  for (const auto& [candidate, name] : names_of(value)) {
    if (candidate == value) return name;
  }
  return "";
}

// ---- writing

class Writer {
 public:
  explicit Writer(JsonWriter& json) : json_(json) {}

  template <class Value>
  void operator()(const char* key, const Value& value) {
    if constexpr (requires { value.has_value(); }) {
      if (value) (*this)(key, *value);
    } else {
      json_.key(key);
      write(value);
    }
  }

  void only_when_set(const char* key, bool flag) {
    if (flag) (*this)(key, flag);
  }

 private:
  template <class Value>
  void write(const Value& value) {
    if constexpr (std::is_same_v<Value, ShapeProfile>) {
      write_profile(value);
    } else if constexpr (std::is_enum_v<Value>) {
      json_.value(name_of(value));
    } else if constexpr (std::is_same_v<Value, std::filesystem::path>) {
      json_.value(std::string_view(value.native()));
    } else if constexpr (std::is_same_v<Value, std::string>) {
      json_.value(std::string_view(value));
    } else if constexpr (std::is_same_v<Value, std::vector<std::int64_t>>) {
      json_.line_of(value);
    } else if constexpr (requires { typename Value::value_type; }) {
      json_.begin_array();
      for (const auto& item : value) write(item);
      json_.end_array();
    } else if constexpr (std::is_class_v<Value>) {
      json_.begin_object();
      engine_record_fields::fields(*this, value);
      json_.end_object();
    } else if constexpr (std::is_same_v<Value, int>) {
      json_.value(std::int64_t{value});
    } else {
      json_.value(value);
    }
  }

  void write_profile(const ShapeProfile& profile) {
    json_.begin_object();
    json_.key("inputs");
    json_.begin_array();
    for (const auto& [name, range] : profile) {
      json_.begin_object();
      (*this)("name", name);
      engine_record_fields::fields(*this, range);
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
  }

  JsonWriter& json_;
};

// ---- reading

// Ends reading at the first fault; caught in engine_record_from_json().
struct Fault {
  std::string message;
};

class Reader {
 public:
  Reader(const Json& document, std::string place) : document_(document), place_(std::move(place)) {
    if (!document.is_object())
      throw Fault{fmt::format("{} must be an object", place_.empty() ? "the document" : place_)};
  }

  template <class Value>
  void operator()(const char* key, Value& value) const {
    const std::string place = fmt::format("{}/{}", place_, key);
    const auto found = document_.find(key);
    if constexpr (requires { value.has_value(); }) {
      if (found != document_.end()) read(*found, value.emplace(), place);
    } else {
      if (found == document_.end()) throw Fault{place + " is missing"};
      read(*found, value, place);
    }
  }

  void only_when_set(const char* key, bool& flag) const {
    flag = false;
    if (document_.contains(key)) (*this)(key, flag);
  }

 private:
  static void require(bool condition, const std::string& place, const char* wanted) {
    if (!condition) throw Fault{fmt::format("{} must be {}", place, wanted)};
  }

  template <class Value>
  static void read(const Json& json, Value& value, const std::string& place) {
    if constexpr (std::is_same_v<Value, std::string>) {
      require(json.is_string(), place, "text");
      value = json.get<std::string>();
    } else if constexpr (std::is_same_v<Value, std::filesystem::path>) {
      require(json.is_string(), place, "a path");
      value = json.get<std::string>();
    } else if constexpr (std::is_same_v<Value, bool>) {
      require(json.is_boolean(), place, "true or false");
      value = json.get<bool>();
    } else if constexpr (std::is_same_v<Value, double>) {
      require(json.is_number(), place, "a number");
      value = json.get<double>();
    } else if constexpr (std::is_integral_v<Value>) {
      read_integer(json, value, place);
    } else if constexpr (std::is_enum_v<Value>) {
      read_enum(json, value, place);
    } else if constexpr (std::is_same_v<Value, ShapeProfile>) {
      read_profile(json, value, place);
    } else if constexpr (requires { typename Value::value_type; }) {
      require(json.is_array(), place, "a list");
      value.clear();
      for (const Json& item : json) read(item, value.emplace_back(), fmt::format("{}/{}", place, value.size() - 1));
    } else {
      Reader reader(json, place);
      engine_record_fields::fields(reader, value);
    }
  }

  template <class Integer>
  static void read_integer(const Json& json, Integer& value, const std::string& place) {
    if constexpr (std::is_unsigned_v<Integer>) {
      require(json.is_number_unsigned(), place, "a whole number, not negative");
    } else {
      const bool fits = !json.is_number_unsigned() || json.get<std::uint64_t>() <= std::uint64_t{INT64_MAX};
      require(json.is_number_integer() && fits, place, "a whole number");
    }
    value = json.get<Integer>();
    require(Json(value) == json, place, "a smaller number");
  }

  template <class Enum>
  static void read_enum(const Json& json, Enum& value, const std::string& place) {
    require(json.is_string(), place, "text");
    const auto& text = json.get_ref<const std::string&>();
    for (const auto& [candidate, name] : names_of(value)) {
      if (name == text) {
        value = candidate;
        return;
      }
    }
    throw Fault{fmt::format("{} has the unknown value '{}'", place, printable(text))};
  }

  static void read_profile(const Json& json, ShapeProfile& profile, const std::string& place) {
    require(json.is_object() && json.contains("inputs") && json["inputs"].is_array(), place, "an object with inputs");
    profile.clear();
    for (const Json& input : json["inputs"]) {
      std::string name;
      ShapeRange range;
      const Reader reader(input, place + "/inputs");
      reader("name", name);
      engine_record_fields::fields(reader, range);
      profile[name] = std::move(range);
    }
  }

  const Json& document_;
  std::string place_;
};

void check_schema(const Json& document) {
  const auto is = [](const Json& object, const char* key) { return object.is_object() && object.contains(key); };
  if (!is(document, "schema") || !is(document["schema"], "name") || document["schema"]["name"] != kEngineSchemaName) {
    throw Fault{"it does not describe an engine"};
  }
  int major = 0;
  const Reader schema(document["schema"], "/schema");
  schema("major", major);
  if (major != kEngineSchemaMajor) {
    throw Fault{fmt::format("it has schema version {}, and this program reads {}", major, kEngineSchemaMajor)};
  }
}

}  // namespace

std::string_view to_string(WeakCalibrationMethod method) {
  return name_of(method);
}
std::string_view to_string(ProfilingVerbosity verbosity) {
  return name_of(verbosity);
}
std::string_view to_string(HardwareCompatibility compatibility) {
  return name_of(compatibility);
}

std::string engine_record_to_json(const EngineRecord& record) {
  JsonWriter json;
  json.begin_object();
  json.key("schema");
  json.begin_object();
  Writer writer(json);
  writer("name", std::string(kEngineSchemaName));
  writer("major", kEngineSchemaMajor);
  writer("minor", kEngineSchemaMinor);
  json.end_object();
  engine_record_fields::fields(writer, record);
  json.end_object();
  return std::move(json).take();
}

Result<EngineRecord> engine_record_from_json(std::string_view text, std::string_view source) {
  const std::string file = printable(source);
  try {
    const Json document = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
    if (document.is_discarded()) return fail(fmt::format("{} is not JSON", file));
    check_schema(document);
    EngineRecord record;
    Reader reader(document, "");
    engine_record_fields::fields(reader, record);
    return record;
  } catch (const Fault& fault) {
    return fail(fmt::format("{}: {}", file, fault.message));
  } catch (const nlohmann::json::exception& error) {
    return fail(fmt::format("{}: {}", file, printable(error.what())));
  }
}

std::vector<std::pair<std::string, std::string>> describe_options(const BuildOptions& options) {
  std::vector<std::pair<std::string, std::string>> lines;
  const auto add = [&](bool changed, const char* name, std::string value) {
    if (changed) lines.emplace_back(name, std::move(value));
  };
  const BuildOptions defaults;
  for (const ShapeProfile& profile : options.profiles) {
    for (const auto& [input, range] : profile) {
      const bool fixed = range.min == range.max;
      lines.emplace_back(range.values ? "values" : "shape",
                         fixed ? fmt::format("{} {}", input, shape_to_string(range.opt))
                               : fmt::format("{} {} to {}, tuned for {}", input, shape_to_string(range.min),
                                             shape_to_string(range.max), shape_to_string(range.opt)));
    }
  }
  const std::string calibration = fmt::format("int8 ({})", to_string(options.weak.calibration.method));
  add(options.weak.any(), "weak",
      fmt::format("{}{}{}", options.weak.fp16 ? "fp16" : "", options.weak.fp16 && options.weak.int8 ? ", " : "",
                  options.weak.int8 ? calibration : ""));
  add(!options.tf32, "tf32", "off");
  add(options.optimization_level.has_value(), "optimization_level",
      fmt::format("{}", options.optimization_level.value_or(0)));
  add(options.workspace_bytes.has_value(), "workspace_bytes", fmt::format("{}", options.workspace_bytes.value_or(0)));
  add(options.hardware_compatibility != defaults.hardware_compatibility, "hardware_compatibility",
      std::string(to_string(options.hardware_compatibility)));
  add(options.version_compatible, "version_compatible",
      options.exclude_lean_runtime ? "yes, without the lean runtime" : "yes");
  add(options.sparse_weights, "sparse_weights", "yes");
  add(options.strip_weights, "strip_weights", "yes");
  add(options.refit, "refit", "yes");
  add(options.profiling_verbosity != defaults.profiling_verbosity, "profiling_verbosity",
      std::string(to_string(options.profiling_verbosity)));
  for (const auto& plugin : options.plugins) lines.emplace_back("plugin", plugin.string());
  for (const std::string& version : options.compute_capabilities) lines.emplace_back("compute_capability", version);
  return lines;
}

std::string build_options_to_json(const BuildOptions& options) {
  JsonWriter json;
  json.begin_object();
  Writer writer(json);
  engine_record_fields::fields(writer, options);
  json.end_object();
  return std::move(json).take();
}

}  // namespace trtprof
