// Nsight Systems run on a program of ours, and its exporter.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/external/nsight_compute.h"
#include "trtprof/external/process.h"
#include "trtprof/import/nsys_sqlite.h"

namespace trtprof {

// Records `target` between its cudaProfilerStart and cudaProfilerStop, exports and reads it.
[[nodiscard]] Result<NsysTrace> run_nsys(const std::filesystem::path& nsys, const std::vector<std::string>& target,
                                         ToolContext& context);

// A report (.nsys-rep) through `nsys export`.
[[nodiscard]] Result<NsysTrace> import_nsys_report(const std::filesystem::path& nsys,
                                                   const std::filesystem::path& report, ToolContext& context);

// Pure parts.
[[nodiscard]] std::vector<std::string> nsys_profile_command(const std::filesystem::path& nsys,
                                                            const std::filesystem::path& report,
                                                            const std::vector<std::string>& target);
[[nodiscard]] std::vector<std::string> nsys_export_command(const std::filesystem::path& nsys,
                                                           const std::filesystem::path& report,
                                                           const std::filesystem::path& sqlite);
[[nodiscard]] Error nsys_failure(std::string_view said, const ProcessEnd& end, double timeout_seconds);

}  // namespace trtprof
