#include "cached_engine.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "build_request.h"
#include "messages.h"
#include "trtprof/backend/engine_build.h"
#include "trtprof/backend/engine_cache.h"
#include "trtprof/backend/fixed_profiles.h"
#include "trtprof/base/format.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

DeviceInfo device_of(const ProbeResult& probed, const std::string& id) {
  const auto found = std::ranges::find_if(probed.devices, [&](const DeviceInfo& device) { return device.id == id; });
  if (found != probed.devices.end()) return *found;
  return probed.devices.empty() ? DeviceInfo{} : probed.devices.front();  // "" and "cuda" are the first
}

EngineBuildRequest build_request_of(const Settings& settings, const ProfileRequest& request) {
  EngineBuildRequest build;
  build.source = request.source;
  build.model = request.info;
  build.command_line = settings.command_line;
  build.options = settings.build.options;
  build.options.device = request.compile.device;
  build.options.plugins = request.compile.plugins;
  build.options.seed = settings.seed;
  build.options.profiles = fixed_profiles(request.source.graph, request.compile.shapes, request.compile.shape_values);
  return build;
}

// Nobody else's business: models may be confidential.
Result<fs::path> made_folder() {
  auto folder = engine_cache_folder();
  if (!folder) return folder;
  std::error_code error;
  const bool made = fs::create_directories(*folder, error);
  if (error) {
    return fail(fmt::format("the folder for cached engines cannot be made: {}: {}", printable(folder->string()),
                            error.message()),
                "TRTPROF_CACHE_DIR names another");
  }
  if (made) fs::permissions(*folder, fs::perms::owner_all, error);
  return folder;
}

std::string note_of(const fs::path& engine, const EngineRecord& record, bool cached) {
  const std::string file = printable(engine.string());
  const std::string duration = format_duration(record.builder.seconds);
  return cached ? fmt::format("Engine: from the cache, built {} in {} ({}).", printable(record.tool.finished_at),
                              duration, file)
                : fmt::format("Engine: built now in {}, kept for the next time ({}).", duration, file);
}

}  // namespace

Status use_cached_engine(const Settings& settings, Backend& backend, ProfileRequest& request, Progress& progress,
                         const StopFlag& stop) {
  const auto probed = backend.probe();
  if (!probed) return forward_error(probed);
  const auto folder = made_folder();
  if (!folder) return forward_error(folder);

  EngineBuildRequest build = build_request_of(settings, request);
  const DeviceInfo device = device_of(*probed, request.compile.device);
  const EngineCacheKey key = {request.info.sha256,       backend.name(), probed->engine_version, device.name,
                              device.compute_capability, build.options};
  const auto path = cached_engine_path(*folder, request.source.path, key);
  if (!path) return forward_error(path);
  request.source.engine = *path;
  if (const auto hit = find_cached_engine(*path, key)) {
    request.machine.notes.push_back(note_of(*path, *hit->record, true));
    print_verbose(request.machine.notes.back());
    return {};
  }
  build.output = *path;
  build.options.timing_cache = timing_cache_of(settings, backend, *path);
  if (!settings.report.quiet) {
    print_note(fmt::format("building an engine of {} for {}; the next time it comes from {}",
                           printable(request.source.path.string()), printable(key.device_name),
                           printable(folder->string())));
  }
  const auto record = build_engine_file(backend, build, progress, stop);
  progress.finish();
  if (!record) return forward_error(record);
  if (!settings.report.quiet) {
    for (const std::string& warning : record->builder.warnings) print_warning(warning);
  }
  request.machine.notes.push_back(note_of(*path, *record, false));
  return {};
}

Status build_engine_once(const Settings& settings, Backend& backend, const ProfileRequest& request,
                         const fs::path& output, Progress& progress, const StopFlag& stop) {
  EngineBuildRequest build = build_request_of(settings, request);
  build.output = output;
  const auto record = build_engine_file(backend, build, progress, stop);
  if (!record) return forward_error(record);
  return {};
}

}  // namespace trtprof::cli
