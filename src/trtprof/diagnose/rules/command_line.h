// Command lines of this program, for Finding::commands. Private to the rules.
#pragma once

#include <string>
#include <string_view>

#include "trtprof/profile/profile.h"

namespace trtprof::rules {

// "tensorrt_profiling VERB FILE"; "MODEL" where the profile has no file.
[[nodiscard]] std::string command_line(std::string_view verb, const std::string& file);

// "tensorrt_profiling optimize FILE -o optimized.onnx --passes PASSES"; "MODEL" where the profile is of an engine.
[[nodiscard]] std::string optimize_line(const ModelInfo& model, std::string_view passes);

}  // namespace trtprof::rules
