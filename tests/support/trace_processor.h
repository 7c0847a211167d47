// Perfetto's trace processor, where there is one: it reads traces and answers SQL about them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trtprof::test {

// What TRTPROF_TRACE_PROCESSOR names: Perfetto publishes it in storage of its own alone, not as a package. Empty: none.
[[nodiscard]] std::string trace_processor();

// The rows of the one table that `sql` selects, by column.
using SqlRows = std::vector<std::map<std::string, std::string>>;
[[nodiscard]] SqlRows query_trace(const std::filesystem::path& trace, std::string_view sql);

// Errors and losses that the trace processor counted while it read: a line each, none for a good trace.
[[nodiscard]] SqlRows trace_problems(const std::filesystem::path& trace);

// Longest time between kernels (or what else has that category) of one inference, in nanoseconds.
[[nodiscard]] std::string longest_gap_sql(std::string_view category);

inline constexpr const char* kNoTraceProcessor =
    "no trace processor: TRTPROF_TRACE_PROCESSOR names Perfetto's trace_processor_shell";

}  // namespace trtprof::test
