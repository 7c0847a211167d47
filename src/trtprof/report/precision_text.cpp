#include "trtprof/report/precision_text.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::KeyValues;
using text_report::Paint;

// Of reasons that are told in the short form.
constexpr std::size_t kReasonsTold = 5;

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

void write_blocked(std::ostream& out, const PrecisionReport& report, const OptimizationTextOptions& options,
                   const Paint& paint) {
  if (report.blocked.empty()) return;
  struct Reason {
    std::string text;
    std::string first;
    std::size_t nodes = 0;
  };
  std::map<std::string, Reason> by_text;
  for (const BlockedNode& node : report.blocked) {
    Reason& reason = by_text[node.op_type + ": " + node.reason];
    reason.text = fmt::format("{}: {}", printable(node.op_type), printable(node.reason));
    if (reason.nodes++ == 0) reason.first = node.node;
  }
  std::vector<Reason> reasons;
  for (auto& [text, reason] : by_text) reasons.push_back(std::move(reason));
  std::ranges::stable_sort(reasons, std::ranges::greater(), &Reason::nodes);
  out << '\n' << paint.bold("In f32 still, and why") << '\n';
  const std::size_t told = options.explain ? reasons.size() : std::min(reasons.size(), kReasonsTold);
  for (std::size_t i = 0; i < told; ++i) {
    const Reason& reason = reasons[i];
    const std::string who = reason.nodes == 1 ? fmt::format(" ('{}')", printable(reason.first)) : "";
    const std::string lead = fmt::format("  {:>4}  ", reason.nodes);
    out << lead << wrap(reason.text + who, options.columns, lead.size(), lead.size()) << '\n';
  }
  if (told < reasons.size()) {
    out << fmt::format("        and {} more reasons; --explain-passes names the nodes\n", reasons.size() - told);
  }
  if (!options.explain) return;
  for (const BlockedNode& node : report.blocked) {
    const std::string who = fmt::format("    {} '{}': ", printable(node.op_type), printable(node.node));
    out << who << wrap(node.reason, options.columns, 6, display_width(who)) << '\n';
  }
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
  write_blocked(out, report, options, paint);
  text_report::write_list(out, report.notes, "Notes");
}

}  // namespace trtprof
