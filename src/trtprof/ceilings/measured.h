// What devices of this machine were measured to do, kept so that it is measured once: a JSON file for each device, as
// ceilings_json.h describes it, with one member more that says when, with what and on what it was measured.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/profile/device_ceilings.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// What must be the same for figures measured once to hold: of a GPU its name, size and driver; of a CPU also the
// engine, which measures its arithmetic, and the threads that it used.
using CeilingsKey = std::map<std::string, std::string>;

// nullopt where the environment does not tell enough, as of a profile that another tool made.
[[nodiscard]] std::optional<CeilingsKey> ceilings_key(const Environment& environment);

struct CeilingsRecord {
  CeilingsKey key;
  std::string measured_at;   // UTC, ISO 8601
  std::string tool_version;  // of this program
  MeasuredCeilings measured;
};

[[nodiscard]] std::string record_to_json(const CeilingsRecord& record);
// `source` names the text in errors.
[[nodiscard]] Result<CeilingsRecord> record_from_json(std::string_view text, std::string_view source);

// Beside the folder of cached engines: $TRTPROF_CACHE_DIR/ceilings and so on. Not made.
[[nodiscard]] Result<std::filesystem::path> ceilings_cache_folder();
[[nodiscard]] std::filesystem::path ceilings_cache_path(const std::filesystem::path& folder, const CeilingsKey& key);
// What was measured of this very device; nullopt where nothing was, or the file is not what was written.
[[nodiscard]] std::optional<CeilingsRecord> find_measured(const std::filesystem::path& folder, const CeilingsKey& key);

struct DeviceMeasurement {
  CeilingsRecord record;
  std::filesystem::path file;  // where it is kept; empty: it is not
  bool from_cache = false;
  std::string not_kept;  // why it could not be kept, a sentence; empty where it was, or should not be
};

struct MeasureRequest {
  CeilingsRequest ceilings;
  std::vector<std::string> command_line;
  bool anew = false;                                 // although it was measured before
  std::optional<std::filesystem::path> folder = {};  // of the cache; nullopt: ceilings_cache_folder()
};
// From the cache, or measured now and kept. What the user stopped is not kept.
[[nodiscard]] Result<DeviceMeasurement> measure_device(Backend& backend, const MeasureRequest& request,
                                                       Progress& progress, const StopFlag& stop);

}  // namespace trtprof
