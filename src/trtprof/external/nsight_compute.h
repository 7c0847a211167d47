// Nsight Compute run on a program of ours, and what it says.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/external/process.h"
#include "trtprof/import/ncu_csv.h"

namespace trtprof {

// What any tool that is run for the user has in common.
struct ToolContext {
  Progress& progress;
  const StopFlag& stop;
  double timeout_seconds = 600.0;
  std::function<void(std::string_view)> say = {};  // lines of the tool and its target as they come
};

struct NcuRequest {
  std::filesystem::path ncu;
  std::vector<std::string> target;   // program and arguments
  std::vector<std::string> metrics;  // wanted_metrics(); those that the tool does not know are left out
};

// `ncu --version`'s number: "2025.3.1.0"; empty where it says none.
[[nodiscard]] std::string ncu_version(const std::filesystem::path& ncu);

// Counts the kernels between the target's cudaProfilerStart and cudaProfilerStop, clocks left as they are. No
// permission, another profiler in the way: ErrorCode::unavailable and what to change.
[[nodiscard]] Result<NcuImport> run_ncu(const NcuRequest& request, ToolContext& context);

// A report (.ncu-rep) through `ncu --import`.
[[nodiscard]] Result<NcuImport> import_ncu_report(const std::filesystem::path& ncu, const std::filesystem::path& report,
                                                  ToolContext& context);

// Pure parts.
[[nodiscard]] std::vector<std::string> ncu_command(const NcuRequest& request);
// Why there are no counters, by what tool and target said on both outputs.
[[nodiscard]] Error ncu_failure(std::string_view said, const ProcessEnd& end, double timeout_seconds);
// Those of `metrics` that an error of the tool names.
[[nodiscard]] std::vector<std::string> refused_metrics(std::string_view said, const std::vector<std::string>& metrics);

}  // namespace trtprof
