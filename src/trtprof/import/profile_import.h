// This program's own profiles, of every schema version that it reads.
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_profile(std::string_view beginning);
[[nodiscard]] Result<Imported> read_profile(const std::filesystem::path& path);

}  // namespace trtprof
