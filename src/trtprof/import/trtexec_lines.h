// Single lines of trtexec's log. Private to import/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trtprof/import/trtexec_layer_run.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// "[11/22/2026-16:04:20] [I] TensorRT version: 10.6.0"
struct TrtexecLine {
  char severity = 'I';    // 'V', 'I', 'W', 'E', 'F'
  std::string_view text;  // behind the severity
};
// nullopt: not a line of trtexec's logger.
[[nodiscard]] std::optional<TrtexecLine> trtexec_line(std::string_view line);

// "TensorRT version: 10.6.0" split at its first ": "; nullopt: no such line, or nothing behind it.
[[nodiscard]] std::optional<std::pair<std::string_view, std::string_view>> key_and_value(std::string_view text);

// "10.6.0" of 100600, "8.2.5" of 8205, "10.6.0" of itself.
[[nodiscard]] std::string version_text(std::string_view version);

// "min = 0.1745 ms, max = 0.1888 ms, mean = 0.1759 ms, median = 0.1758 ms, percentile(90%) = 0.1767 ms, ...", in
// seconds. Percentiles that are not printed take the next higher one, or the maximum, which they cannot exceed:
// `bounded` says so. nullopt: no such text, or numbers that are no times.
struct TrtexecSummary {
  Summary summary;
  bool bounded = false;
};
[[nodiscard]] std::optional<TrtexecSummary> trtexec_summary(std::string_view text, std::size_t count);

// "Input binding for x with dimensions 1x3x224x224 is created.", "Created input binding for x with dimensions 1x3".
struct TrtexecBinding {
  bool input = false;
  TensorDesc tensor;
};
[[nodiscard]] std::optional<TrtexecBinding> trtexec_binding(std::string_view text);

// A row of the table of layers: times first (since 8.6) or the name first. nullopt: no row.
[[nodiscard]] std::optional<TrtexecRow> trtexec_row(std::string_view text, bool name_first, bool has_median);

// As a number from its beginning: "967.815 qps", "2.00245 s".
[[nodiscard]] std::optional<double> leading_number(std::string_view text);

}  // namespace trtprof
