// Engines that `profile MODEL.onnx` built before, so that the second time does not wait for the builder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "trtprof/backend/build_options.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/error.h"

namespace trtprof {

// All that decides which engine comes out.
struct EngineCacheKey {
  std::string model_sha256;        // external data counted in
  std::string backend;             // "tensorrt"
  std::string engine_version;      // of the library here
  std::string device_name;         // of the GPU. Empty: built without one
  std::string compute_capability;  // of the GPU: one name may be given to several
  BuildOptions options;            // device and timing cache do not count; files count by their content
};

// $TRTPROF_CACHE_DIR/engines, else $XDG_CACHE_HOME/tensorrt_profiling/engines, else
// ~/.cache/tensorrt_profiling/engines. Not made. A relative XDG_CACHE_HOME is ignored, as its specification says.
[[nodiscard]] Result<std::filesystem::path> engine_cache_folder();

// "<stem of the model>-<32 hexadecimal digits>.engine" in `folder`. Fails for a plugin or calibration file that cannot
// be read.
[[nodiscard]] Result<std::filesystem::path> cached_engine_path(const std::filesystem::path& folder,
                                                               const std::filesystem::path& model,
                                                               const EngineCacheKey& key);

// The engine at `path`, when it is whole and its record agrees with the key; nullopt otherwise.
[[nodiscard]] std::optional<EngineFile> find_cached_engine(const std::filesystem::path& path,
                                                           const EngineCacheKey& key);

}  // namespace trtprof
