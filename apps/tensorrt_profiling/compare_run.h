// A comparison from its beginning to its end, for `compare` and for commands that end in one.
#pragma once

#include "compare_sides.h"
#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/compare/comparison.h"
#include "trtprof/report/comparison_report.h"

namespace trtprof::cli {

struct CompareRun {
  Comparison comparison;
  std::vector<ComparisonSource> sources_a;
  std::vector<ComparisonSource> sources_b;
  bool interrupted = false;
};

// Launches what has to be launched, with progress on standard error. `settings` are those of a `compare` command line.
[[nodiscard]] Result<CompareRun> run_comparison(const Settings& settings);

// As the terminal and the options want it.
[[nodiscard]] ComparisonTextOptions comparison_text_options(const Settings& settings);

}  // namespace trtprof::cli
