// trtexec --exportTimes, of TensorRT 8.x to 11.x: when each inference was enqueued, copied and computed.
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_trtexec_times(std::string_view beginning);
[[nodiscard]] Result<Imported> read_trtexec_times(const std::filesystem::path& path);

}  // namespace trtprof
