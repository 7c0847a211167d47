#include "trtprof/ceilings/measured.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/backend/engine_cache.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/ceilings/ceilings_json.h"
#include "trtprof/measure/measure.h"
#include "trtprof/profile/json_writer.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Raised when figures come to be measured in another way: those of before are then measured again.
constexpr const char* kMethod = "1";
constexpr std::size_t kNameCharacters = 48;
constexpr std::size_t kKeyDigits = 32;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20;

// Adds what the environment has; false where it has nothing.
bool add(CeilingsKey& key, const char* name, const std::string& value) {
  if (value.empty()) return false;
  key[name] = value;
  return true;
}

template <class Number>
bool add(CeilingsKey& key, const char* name, const std::optional<Number>& value) {
  return value && add(key, name, std::to_string(*value));
}

bool add_property(CeilingsKey& key, const char* name, const Environment& environment) {
  const auto found = environment.properties.find(name);
  return found != environment.properties.end() && add(key, name, found->second);
}

std::string plain(std::string name) {
  name.resize(std::min(name.size(), kNameCharacters));
  for (char& c : name) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!kept) c = '_';
  }
  return name;
}

void write_texts(JsonWriter& writer, const std::vector<std::string>& texts) {
  writer.begin_array();
  for (const std::string& text : texts) writer.value(text);
  writer.end_array();
}

void write_measured(JsonWriter& writer, const CeilingsRecord& record) {
  writer.key("measured");
  writer.begin_object();
  writer.key("at");
  writer.value(record.measured_at);
  writer.key("tool_version");
  writer.value(record.tool_version);
  writer.key("partial");
  writer.value(record.measured.partial);
  writer.key("of");
  writer.begin_object();
  for (const auto& [name, value] : record.key) {
    writer.key(name);
    writer.value(value);
  }
  writer.end_object();
  writer.key("notes");
  write_texts(writer, record.measured.notes);
  writer.key("missing");
  writer.begin_array();
  for (const MissingCeiling& missing : record.measured.missing) {
    writer.begin_object();
    writer.key("kind");
    writer.value(to_string(missing.kind));
    writer.key("reason");
    writer.value(missing.reason);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

// The member "measured". Throws json::exception where a member is missing or of another type.
void read_measured(const json& object, CeilingsRecord& record) {
  record.measured_at = object.at("at").get<std::string>();
  record.tool_version = object.at("tool_version").get<std::string>();
  record.measured.partial = object.at("partial").get<bool>();
  record.key = object.at("of").get<CeilingsKey>();
  record.measured.notes = object.at("notes").get<std::vector<std::string>>();
  for (const json& missing : object.at("missing")) {
    const auto kind = ceiling_kind_from_string(missing.at("kind").get<std::string>());
    if (kind) record.measured.missing.push_back({*kind, missing.at("reason").get<std::string>()});
  }
}

Status keep(const CeilingsRecord& record, const fs::path& file) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) {
    return fail(
        fmt::format("the folder {} cannot be made: {}", printable(file.parent_path().string()), error.message()),
        "TRTPROF_CACHE_DIR names another.");
  }
  return write_file(file, record_to_json(record));
}

Result<Environment> environment_of(Backend& backend, const MeasureRequest& request) {
  auto device = backend.describe_device(request.ceilings.device);
  if (!device) return device;
  const Environment host = describe_environment(request.command_line);
  device->tool_version = host.tool_version;
  device->started_at = host.started_at;
  device->cpu_model = host.cpu_model;
  device->logical_cpus = host.logical_cpus;
  device->memory_bytes = host.memory_bytes;
  return device;
}

}  // namespace

std::optional<CeilingsKey> ceilings_key(const Environment& environment) {
  CeilingsKey key = {{"method", kMethod}};
  bool whole = add(key, "device", environment.device_name);
  if (environment.device_kind == DeviceKind::gpu) {
    for (const char* property : {"compute capability", "multiprocessors", "CUDA driver"}) {
      whole = add_property(key, property, environment) && whole;
    }
  } else {
    whole = add(key, "engine", environment.engine_name) && whole;
    whole = add(key, "engine version", environment.engine_version) && whole;
    whole = add(key, "threads", environment.threads) && whole;
    whole = add(key, "logical processors", environment.logical_cpus) && whole;
    whole = add(key, "memory", environment.memory_bytes) && whole;
  }
  return whole ? std::optional(std::move(key)) : std::nullopt;
}

std::string record_to_json(const CeilingsRecord& record) {
  JsonWriter writer;
  writer.begin_object();
  write_ceilings_schema(writer);
  write_measured(writer, record);
  writer.key("devices");
  writer.begin_array();
  write_device(writer, record.measured.ceilings);
  writer.end_array();
  writer.end_object();
  return std::move(writer).take();
}

Result<CeilingsRecord> record_from_json(std::string_view text, std::string_view source) {
  auto devices = ceilings_from_json(text, source);
  if (!devices) return forward_error(devices);
  if (devices->size() != 1) return fail(fmt::format("{}: a measurement is of one device", source));
  CeilingsRecord record;
  record.measured.ceilings = std::move(devices->front());
  try {
    read_measured(json::parse(text).at("measured"), record);
  } catch (const json::exception&) {
    return fail(fmt::format("{}: it does not say how its figures were measured", source));
  }
  return record;
}

Result<fs::path> ceilings_cache_folder() {
  const auto engines = engine_cache_folder();
  if (!engines) {
    return fail("there is no folder to keep figures in: neither HOME nor XDG_CACHE_HOME is set",
                "TRTPROF_CACHE_DIR names one.");
  }
  return engines->parent_path() / "ceilings";
}

fs::path ceilings_cache_path(const fs::path& folder, const CeilingsKey& key) {
  std::string text;
  for (const auto& [name, value] : key) text += fmt::format("{}={}\n", name, value);
  const auto device = key.find("device");
  return folder / fmt::format("{}-{}.json", plain(device == key.end() ? "device" : device->second),
                              sha256_of(text).substr(0, kKeyDigits));
}

std::optional<CeilingsRecord> find_measured(const fs::path& folder, const CeilingsKey& key) {
  const fs::path path = ceilings_cache_path(folder, key);
  const auto text = read_file(path, kMostBytes);
  if (!text) return std::nullopt;
  auto record = record_from_json(*text, path.string());
  if (!record || record->key != key || record->measured.partial) return std::nullopt;
  return *std::move(record);
}

Result<DeviceMeasurement> measure_device(Backend& backend, const MeasureRequest& request, Progress& progress,
                                         const StopFlag& stop) {
  const auto environment = environment_of(backend, request);
  if (!environment) return forward_error(environment);
  const auto key = ceilings_key(*environment);
  const Result<fs::path> folder = request.folder ? Result<fs::path>(*request.folder) : ceilings_cache_folder();
  DeviceMeasurement measurement;
  if (key && folder && !request.anew) {
    if (auto kept = find_measured(*folder, *key)) {
      return DeviceMeasurement{*std::move(kept), ceilings_cache_path(*folder, *key), true, ""};
    }
  }
  auto measured = backend.measure_ceilings(request.ceilings, progress, stop);
  if (!measured) return forward_error(measured);
  measurement.record = {key.value_or(CeilingsKey{}), environment->started_at, environment->tool_version,
                        *std::move(measured)};
  if (measurement.record.measured.partial) return measurement;
  if (!key) {
    measurement.not_kept = "the device does not tell enough of itself to be known again";
    return measurement;
  }
  if (!folder) {
    measurement.not_kept = folder.error().message;
    return measurement;
  }
  const fs::path file = ceilings_cache_path(*folder, *key);
  if (const Status kept = keep(measurement.record, file); !kept) {
    measurement.not_kept = kept.error().message;
  } else {
    measurement.file = file;
  }
  return measurement;
}

}  // namespace trtprof
