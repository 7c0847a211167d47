// The rows of the option table by what they are about; options.cpp puts them together. One row an option.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "options.h"

namespace trtprof::cli {

[[nodiscard]] std::vector<Option> engine_options();
[[nodiscard]] std::vector<Option> build_options();
[[nodiscard]] std::vector<Option> measure_options();
[[nodiscard]] std::vector<Option> report_options();
[[nodiscard]] std::vector<Option> sample_options();
[[nodiscard]] std::vector<Option> tool_options();
[[nodiscard]] std::vector<Option> analyze_options();
[[nodiscard]] std::vector<Option> ceilings_options();
[[nodiscard]] std::vector<Option> compare_options();
[[nodiscard]] std::vector<Option> fusion_options();
[[nodiscard]] std::vector<Option> optimize_options();
[[nodiscard]] std::vector<Option> loop_options();
[[nodiscard]] std::vector<Option> accuracy_options();
[[nodiscard]] std::vector<Option> calibrate_options();
[[nodiscard]] std::vector<Option> sensitivity_options();
[[nodiscard]] std::vector<Option> experiment_options();

// Adds `counters` and `nsys` to the options of `profile` that say what is run and how: they run it under a tool.
void let_tools_take(std::vector<Option>& table);

// `analyze` measures models as `profile` does, so it takes all of its options.
void let_analyze_take(std::vector<Option>& table);
// Of those that were given, the first that is for measuring, and that a saved profile has no use for.
[[nodiscard]] std::optional<std::string_view> first_for_measuring(const Settings& settings);

// `compare` measures as `profile` does, and reports in its own way.
void let_compare_take(std::vector<Option>& table);
// An option of `profile` that says how something is run: compare's launches get it.
[[nodiscard]] bool is_for_launches(const Option& option);
// `fusion` runs models as `profile` does, one inference at a time.
void let_fusion_take(std::vector<Option>& table);

// `ceilings` runs no model: where, and how it is shown, is all it takes.
void let_ceilings_take(std::vector<Option>& table);

// `optimize` runs models to check what it did to them.
void let_optimize_take(std::vector<Option>& table);

// `accuracy` runs models, but times nothing.
void let_accuracy_take(std::vector<Option>& table);

}  // namespace trtprof::cli
