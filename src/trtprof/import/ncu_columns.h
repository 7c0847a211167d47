// The columns of a report of Nsight Compute, and the values of its rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trtprof {

// Where a header row puts what.
struct NcuColumns {
  std::size_t count = 0;
  std::optional<std::size_t> id;
  std::optional<std::size_t> process;
  std::optional<std::size_t> kernel;
  std::optional<std::size_t> grid;
  std::optional<std::size_t> block;
  std::optional<std::size_t> compute_capability;
  std::vector<std::size_t> nvtx;          // push/pop and start/stop ranges
  std::optional<std::size_t> start_stop;  // of these
  // The details page:
  std::optional<std::size_t> section;
  std::optional<std::size_t> metric_name;
  std::optional<std::size_t> metric_unit;
  std::optional<std::size_t> metric_value;
  // The raw page: each other column.
  std::vector<std::size_t> metrics;

  [[nodiscard]] bool details() const { return metric_name && metric_value; }
};

// nullopt: not the header of a report.
[[nodiscard]] std::optional<NcuColumns> ncu_columns(const std::vector<std::string>& header);

// May `line` begin a row: `"12",...`; or, `units` allowed, the row of units: `"",...`?
[[nodiscard]] bool begins_ncu_row(std::string_view line, bool units);

// "(1, 196, 1)"; empty for anything else.
[[nodiscard]] std::vector<std::int64_t> parse_dimensions(std::string_view text);

}  // namespace trtprof
