// Shell completion, made from the option table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trtprof::cli {

// "bash" and "zsh".
[[nodiscard]] std::vector<std::string> completion_shells();

// A script for `source` or for the shell's completion folder. `shell` is one of completion_shells().
[[nodiscard]] std::string completion_script(std::string_view shell);

}  // namespace trtprof::cli
