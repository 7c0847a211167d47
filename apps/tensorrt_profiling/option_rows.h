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
[[nodiscard]] std::vector<Option> tool_options();

// Adds `counters` and `nsys` to the options of `profile` that say what is run and how: they run it under a tool.
void let_tools_take(std::vector<Option>& table);

}  // namespace trtprof::cli
