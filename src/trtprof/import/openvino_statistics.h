// The summary that OpenVINO's benchmark_app writes with -report_folder: benchmark_report.json (-json_stats) or
// benchmark_report.csv, of the C++ or the Python program, which name the same figures differently.
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_openvino_statistics(std::string_view beginning);
// EndToEnd::total is a summary without samples.
[[nodiscard]] Result<Imported> read_openvino_statistics(const std::filesystem::path& path);

}  // namespace trtprof
