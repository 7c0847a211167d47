// What OpenVINO's benchmark_app writes with -report_type, the C++ and the Python program's: per layer the performance
// counters of each infer request (detailed_counters, sort_detailed_counters) or their mean (average_counters), as CSV
// or with -json_stats as JSON.
// https://docs.openvino.ai/2026/get-started/learn-openvino/openvino-samples/benchmark-tool.html
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_openvino_counters(std::string_view beginning);
// A layer's time is what the plugin reports, itself a mean over inferences: Layer::reported_seconds, no samples.
[[nodiscard]] Result<Imported> read_openvino_counters(const std::filesystem::path& path);

}  // namespace trtprof
