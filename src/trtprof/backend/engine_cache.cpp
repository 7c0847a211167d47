#include "trtprof/backend/engine_cache.h"

#include <cstdlib>

#include <fmt/format.h>

#include "trtprof/base/file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

// Of a model's name in a file name: enough to recognise it by.
constexpr std::size_t kStemCharacters = 48;
constexpr std::size_t kKeyDigits = 32;

const char* variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets it
  return value != nullptr && *value != '\0' ? value : nullptr;
}

BuildOptions without_places(BuildOptions options) {
  options.device.clear();
  options.timing_cache.clear();
  return options;
}

// The files that the builder reads, by content: a plugin built again is another plugin.
Result<std::string> contents_of(const BuildOptions& options) {
  std::string text;
  std::vector<fs::path> files = options.plugins;
  files.insert(files.end(), options.weak.calibration.batches.begin(), options.weak.calibration.batches.end());
  for (const fs::path& file : files) {
    const auto sha256 = sha256_of_file(file);
    if (!sha256) return forward_error(sha256);
    text += *sha256 + '\n';
  }
  // A cache that is there decides over the batches; one that is not is written by the build, which then is found again
  // only after one more.
  std::error_code error;
  if (fs::is_regular_file(options.weak.calibration.cache, error)) {
    const auto sha256 = sha256_of_file(options.weak.calibration.cache);
    if (!sha256) return forward_error(sha256);
    text += *sha256 + '\n';
  }
  return text;
}

std::string plain_stem(const fs::path& model) {
  std::string stem = model.stem().string().substr(0, kStemCharacters);
  for (char& c : stem) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return stem.empty() || stem.front() == '.' ? "model" + stem : stem;
}

}  // namespace

Result<fs::path> engine_cache_folder() {
  if (const char* own = variable("TRTPROF_CACHE_DIR")) return fs::path(own) / "engines";
  if (const char* xdg = variable("XDG_CACHE_HOME"); xdg != nullptr && fs::path(xdg).is_absolute()) {
    return fs::path(xdg) / "tensorrt_profiling" / "engines";
  }
  if (const char* home = variable("HOME")) return fs::path(home) / ".cache" / "tensorrt_profiling" / "engines";
  return fail("there is no folder for cached engines: neither HOME nor XDG_CACHE_HOME is set",
              "TRTPROF_CACHE_DIR names one");
}

Result<fs::path> cached_engine_path(const fs::path& folder, const fs::path& model, const EngineCacheKey& key) {
  const auto contents = contents_of(key.options);
  if (!contents) return forward_error(contents);
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", key.model_sha256, key.backend, key.engine_version, key.device_name,
                  key.compute_capability, build_options_to_json(without_places(key.options)), *contents);
  return folder / fmt::format("{}-{}.engine", plain_stem(model), sha256_of(text).substr(0, kKeyDigits));
}

std::optional<EngineFile> find_cached_engine(const fs::path& path, const EngineCacheKey& key) {
  auto engine = read_engine_file(path);
  if (!engine || !engine->record) return std::nullopt;
  const EngineRecord& record = *engine->record;
  const bool agrees = record.model.sha256 == key.model_sha256 && record.builder.backend == key.backend &&
                      record.builder.version == key.engine_version && record.builder.device == key.device_name &&
                      record.builder.compute_capability == key.compute_capability &&
                      without_places(record.options) == without_places(key.options);
  if (!agrees) return std::nullopt;
  return std::move(*engine);
}

}  // namespace trtprof
