// The rows of the option table by what they are about; options.cpp puts them together. One row an option.
#pragma once

#include <vector>

#include "options.h"

namespace trtprof::cli {

[[nodiscard]] std::vector<Option> engine_options();
[[nodiscard]] std::vector<Option> build_options();
[[nodiscard]] std::vector<Option> measure_options();
[[nodiscard]] std::vector<Option> report_options();
[[nodiscard]] std::vector<Option> sample_options();

}  // namespace trtprof::cli
