// Command lines of this program, for Finding::commands. Private to the rules.
#pragma once

#include <string>
#include <string_view>

namespace trtprof::rules {

// "tensorrt_profiling VERB FILE"; "MODEL" where the profile has no file.
[[nodiscard]] std::string command_line(std::string_view verb, const std::string& file);

}  // namespace trtprof::rules
