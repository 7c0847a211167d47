#include "trtprof/import/ncu_columns.h"

#include <charconv>

namespace trtprof {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Of columns that tell nothing that is kept.
bool is_of_no_use(std::string_view name) {
  for (const std::string_view known : {"Process Name", "Host Name", "Kernel Time", "Context", "Stream", "Device"}) {
    if (name == known) return true;
  }
  return name.starts_with("Rule ") || name.starts_with("Estimated Speedup");
}

}  // namespace

std::optional<NcuColumns> ncu_columns(const std::vector<std::string>& header) {
  NcuColumns columns;
  columns.count = header.size();
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string_view name = header[i];
    if (name == "ID") {
      columns.id = i;
    } else if (name == "Process ID") {
      columns.process = i;
    } else if (name == "Kernel Name") {
      columns.kernel = i;
    } else if (name == "Grid Size") {
      columns.grid = i;
    } else if (name == "Block Size") {
      columns.block = i;
    } else if (name == "CC") {
      columns.compute_capability = i;
    } else if (name == "Section Name") {
      columns.section = i;
    } else if (name == "Metric Name") {
      columns.metric_name = i;
    } else if (name == "Metric Unit") {
      columns.metric_unit = i;
    } else if (name == "Metric Value") {
      columns.metric_value = i;
    } else if (holds(name, "Push/Pop_Range")) {
      columns.nvtx.push_back(i);
    } else if (holds(name, "Start/Stop_Range")) {
      columns.nvtx.push_back(i);
      columns.start_stop = i;
    } else if (!is_of_no_use(name) && !name.empty()) {
      columns.metrics.push_back(i);
    }
  }
  if (!columns.id || !columns.kernel) return std::nullopt;
  return columns;
}

bool begins_ncu_row(std::string_view line, bool units) {
  const bool quoted = line.starts_with('"');
  if (quoted) line.remove_prefix(1);
  std::size_t digits = 0;
  while (digits < line.size() && is_digit(line[digits])) ++digits;
  if (digits == 0 && !units) return false;
  return line.substr(digits).starts_with(quoted ? "\"," : ",");
}

std::vector<std::int64_t> parse_dimensions(std::string_view text) {
  std::vector<std::int64_t> dimensions;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_digit(text[i])) {
      if (std::string_view("(), x").find(text[i]) == std::string_view::npos) return {};
      ++i;
      continue;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), value);
    if (error != std::errc()) return {};
    dimensions.push_back(value);
    i = static_cast<std::size_t>(end - text.data());
  }
  return dimensions;
}

}  // namespace trtprof
