#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/report/report.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace text_report {

std::string Paint::paint(std::string_view code, std::string_view text) const {
  return on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

void write_key_values(std::ostream& out, const KeyValues& lines, std::string_view indent) {
  std::size_t widest = 0;
  for (const auto& [key, value] : lines) {
    widest = std::max(widest, display_width(key));
  }
  for (const auto& [key, value] : lines) {
    const std::string label = key.empty() ? "" : key + ":";
    out << indent << label << std::string(widest + 2 - display_width(label), ' ') << value << '\n';
  }
}

}  // namespace text_report

void write_text_report(std::ostream& out, const Profile& profile, const TextReportOptions& options) {
  const text_report::Paint paint(options.color);
  if (profile.partial) {
    out << paint.alarm("PARTIAL: the measurement ended early; figures cover what was measured") << "\n\n";
  }
  if (!options.quiet) {
    text_report::write_context(out, profile);
    out << '\n';
  }
  text_report::write_layer_table(out, profile, options, paint);
  if (options.quiet) {
    return;
  }
  if (profile.layer_run && !profile.layer_run->layers.empty()) {
    text_report::write_time_by_class(out, *profile.layer_run, paint);
  }
  text_report::write_end_to_end(out, profile, paint);
  text_report::write_layer_sum(out, profile, paint);
  text_report::write_timeline(out, profile, options, paint);
  if (profile.telemetry) {
    text_report::write_telemetry(out, *profile.telemetry, paint);
  }
  text_report::write_remarks(out, profile, paint);
}

}  // namespace trtprof
