// Where vendors install their tools.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"

namespace trtprof {

// The first executable file `name` in the folders of `path` (as PATH lists them), else in those that `patterns` match;
// of several matches the last by name with numbers compared as numbers, which is the newest version.
[[nodiscard]] std::optional<std::filesystem::path> find_tool(std::string_view name, std::string_view path,
                                                             const std::vector<std::string>& patterns);

// By this process's PATH and the vendor's folders; ErrorCode::unavailable with how to get it.
[[nodiscard]] Result<std::filesystem::path> find_nsight_compute();
[[nodiscard]] Result<std::filesystem::path> find_nsight_systems();
[[nodiscard]] Result<std::filesystem::path> find_perf();

}  // namespace trtprof
