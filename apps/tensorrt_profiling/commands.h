// One function per subcommand; each returns the exit code. docs/exit_codes.md explains them.
#pragma once

#include "settings.h"

namespace trtprof::cli {

int run_profile(const Settings& settings);
int run_accuracy(const Settings& settings);
int run_analyze(const Settings& settings);
int run_build(const Settings& settings);
int run_inspect(const Settings& settings);
int run_compare(const Settings& settings);
int run_ceilings(const Settings& settings);
int run_convert(const Settings& settings);
int run_fusion(const Settings& settings);
int run_counters(const Settings& settings);
int run_nsys(const Settings& settings);
int run_optimize(const Settings& settings);
int run_sample(const Settings& settings);
int run_completion(const Settings& settings);
int run_man(const Settings& settings);

}  // namespace trtprof::cli
