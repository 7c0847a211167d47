// trtexec --exportProfile, of TensorRT 8.x to 11.x: what IProfiler reported of each layer, added up over all
// iterations. Names are written as they are, without escaping what JSON wants escaped.
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_trtexec_profile(std::string_view beginning);
[[nodiscard]] Result<Imported> read_trtexec_profile(const std::filesystem::path& path);

}  // namespace trtprof
