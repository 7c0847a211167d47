// --help and --version, made from the option table.
#pragma once

#include <string>

#include "options.h"

namespace trtprof::cli {

[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(const Command& command);
[[nodiscard]] std::string version_text();

}  // namespace trtprof::cli
