// What IEngineInspector says of an engine: trtexec --exportLayerInfo, or its JSON as any program saved it. Of TensorRT
// 8.x to 11.x.
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_trtexec_layers(std::string_view beginning);
[[nodiscard]] Result<Imported> read_trtexec_layers(const std::filesystem::path& path);

}  // namespace trtprof
