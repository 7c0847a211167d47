#include "trtprof/report/precision_text.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/reasons_text.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::KeyValues;
using text_report::Paint;

std::string ranges_of(const PrecisionDone& done) {
  if (done.inferences == 0) return "not measured: nothing is kept in f32 for what its values may reach";
  return fmt::format("of {} of {}", counted(static_cast<std::int64_t>(done.inferences), "inference"),
                     printable(done.data));
}

std::string losses_of(const PrecisionReport& report) {
  std::uint64_t elements = 0;
  std::uint64_t overflowed = 0;
  std::uint64_t flushed = 0;
  for (const WeightLoss& loss : report.losses) {
    elements += loss.elements;
    overflowed += loss.overflowed;
    flushed += loss.flushed;
  }
  return fmt::format("{} beyond the largest value, {} too small to be other than zero, in {} with {} elements",
                     overflowed, flushed, counted(static_cast<std::int64_t>(report.losses.size()), "tensor"), elements);
}

}  // namespace

void write_precision_text(std::ostream& out, const PrecisionDone& done, const OptimizationTextOptions& options) {
  const Paint paint(options.color);
  const PrecisionReport& report = done.report;
  out << '\n' << paint.bold(fmt::format("Precision {}", to_string(report.type))) << '\n';
  KeyValues lines = {{"Converted", fmt::format("{} of {} with floats",
                                               counted(static_cast<std::int64_t>(report.converted.size()), "node"),
                                               report.converted.size() + report.blocked.size())},
                     {"Casts", fmt::format("{} added, {} removed", report.casts_added, report.casts_removed)},
                     {"Weights", fmt::format("{} -> {}", format_bytes(report.weight_bytes_before),
                                             format_bytes(report.weight_bytes_after))},
                     {"Ranges", ranges_of(done)}};
  if (!report.losses.empty()) lines.emplace_back("Lost", losses_of(report));
  text_report::write_key_values(out, lines, "  ");
  write_reasons(out, report.blocked, "In f32 still, and why", options);
  text_report::write_list(out, report.notes, "Notes");
}

}  // namespace trtprof
