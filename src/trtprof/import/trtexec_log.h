// What trtexec prints, of TensorRT 8.x to 11.x: version, options, device, summaries of the times, and with
// --dumpProfile a table of layers. Lines of a build, of plugins or of a shell may stand between.
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_trtexec_log(std::string_view beginning);
[[nodiscard]] Result<Imported> read_trtexec_log(const std::filesystem::path& path);

}  // namespace trtprof
