// argv to Settings.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"

namespace trtprof::cli {

// What to print and leave with exit code 0: --help, --version.
struct Answer {
  std::string text;
};

// `arguments` without argv[0]. `tensorrt_profiling FILE ...` is `tensorrt_profiling profile FILE ...`.
[[nodiscard]] Result<std::variant<Settings, Answer>> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace trtprof::cli
