#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/experiments_report.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::KeyValues;
using text_report::Paint;

constexpr std::size_t kOptionsWidth = 36;

std::string options_of(const std::vector<std::string>& options) {
  return options.empty() ? "as this program runs it" : fmt::format("{}", fmt::join(options, " "));
}

std::string side_of(const char* name, const std::vector<std::string>& options, double seconds,
                    const std::optional<CopyTime>& copies) {
  std::string line =
      fmt::format("     {}  {}{:>10}", name, fit_left(options_of(options), kOptionsWidth), format_duration(seconds));
  if (copies) {
    line += fmt::format("   copies {}, {} of the latency", format_duration(copies->seconds),
                        format_percent(copies->share, 1));
  }
  return line;
}

std::string promise_of(const std::optional<Gain>& promised) {
  if (!promised) return "no figure";
  if (promised->low <= 0.0)
    return fmt::format("at most {} ({})", format_duration(promised->high), to_string(promised->basis));
  return fmt::format("{} to {} ({})", format_duration(promised->low), format_duration(promised->high),
                     to_string(promised->basis));
}

// "-1.2 us" as well.
std::string signed_duration(double seconds) {
  return seconds < 0.0 ? "-" + format_duration(-seconds) : format_duration(seconds);
}

std::string seen_of(const ExperimentResult& result) {
  const ChangeVerdict& verdict = result.verdict;
  return fmt::format("{} ({} to {}), {} {:+.1f} %; {} and {} launches", signed_duration(result.saved),
                     signed_duration(result.saved_interval.low), signed_duration(result.saved_interval.high),
                     to_string(verdict.outcome), verdict.effect * 100.0, verdict.a.launches, verdict.b.launches);
}

std::string painted(Proof proof, const Paint& paint) {
  const std::string text(to_string(proof));
  return proof == Proof::refuted                              ? paint.alarm(text)
         : proof == Proof::undecided || proof == Proof::bound ? paint.warning(text)
                                                              : paint.bold(text);
}

void write_result(std::ostream& out, std::size_t number, const ExperimentResult& result, std::size_t columns,
                  const Paint& paint) {
  const Experiment& experiment = result.experiment;
  out << fmt::format("\n{:>3}. [{}] ", number, painted(result.proof, paint))
      << wrap(fmt::format("{}: {}", experiment.rule, printable(experiment.title)), columns, 5, 8) << '\n'
      << side_of("A", experiment.options_a, result.verdict.seconds_a, result.copies_a) << '\n'
      << side_of("B", experiment.options_b, result.verdict.seconds_b, result.copies_b) << '\n';
  const auto line = [&](std::string_view key, const std::string& text) {
    out << "     " << key << wrap(text, columns, 15, 15) << '\n';
  };
  line("Promised: ", fmt::format("{} of the {}", promise_of(experiment.promised), to_string(experiment.figure)));
  line("Seen:     ", seen_of(result));
  line("Result:   ", as_sentence(upper_first(result.sentence)));
}

void write_none(std::ostream& out, const std::vector<NoExperiment>& none, std::size_t columns, const Paint& paint) {
  if (none.empty()) return;
  out << '\n' << paint.bold("Not tried, and why") << '\n';
  for (const NoExperiment& each : none) {
    const std::string title = each.title.empty() ? "" : fmt::format(" ({})", printable(each.title));
    out << "  " << wrap(fmt::format("{}{}: {}", each.rule, title, printable(each.reason)), columns, 4, 2) << '\n';
  }
}

}  // namespace

void write_experiments_text(std::ostream& out, const ExperimentsReport& report, const ExperimentsTextOptions& options) {
  const Paint paint(options.color);
  out << '\n' << paint.bold("Experiments") << '\n';
  if (report.results.empty()) {
    out << "  No finding blames how the model is launched.\n";
  } else {
    out << "  The same model as it was diagnosed (A) and without what a finding blames (B), launched in turns.\n";
  }
  std::size_t number = 0;
  for (const ExperimentResult& result : report.results) write_result(out, ++number, result, options.columns, paint);
  write_none(out, report.none, options.columns, paint);
  text_report::write_list(out, report.notes, "Notes");
}

}  // namespace trtprof
