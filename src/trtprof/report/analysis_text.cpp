#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/analysis_report.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::Paint;

constexpr std::size_t kLabelColumns = 14;
constexpr std::size_t kBarColumns = 30;
constexpr std::size_t kShortFindings = 5;
// A part of the inference that no reader misses.
constexpr double kNotWorthARow = 0.0005;

std::string_view name_of(Pattern pattern) {
  switch (pattern) {
    case Pattern::convolution_dominated:
      return "convolution-dominated";
    case Pattern::transfer_bound:
      return "transfer-bound";
    case Pattern::operator_diverse:
      return "operator-diverse";
    case Pattern::one_class_dominated:
      return "dominated by one class of operators";
    case Pattern::unknown:
      break;
  }
  return "unknown";
}

std::string_view name_of(Bottleneck bottleneck) {
  switch (bottleneck) {
    case Bottleneck::transfers:
      return "transfers";
    case Bottleneck::launches:
      return "launches (gaps)";
    case Bottleneck::host:
      return "the host";
    case Bottleneck::reformats:
      return "reformats";
    case Bottleneck::memory:
      return "memory bandwidth";
    case Bottleneck::compute:
      return "arithmetic";
    case Bottleneck::latency:
      return "latency (small kernels)";
    case Bottleneck::opaque:
      return "opaque blocks";
    case Bottleneck::unknown:
      break;
  }
  return "unknown";
}

std::string_view name_of(TermKind kind) {
  switch (kind) {
    case TermKind::host_to_device:
      return "host to device";
    case TermKind::device_to_host:
      return "device to host";
    case TermKind::kernels:
      return "kernels";
    case TermKind::layers:
      return "layers";
    case TermKind::overlap:
      return "overlap";
    case TermKind::other_work:
      return "other work of the device";
    case TermKind::gaps:
      return "gaps between kernels";
    case TermKind::outside:
      return "outside of them";
    case TermKind::profilers_cost:
      return "profiler's cost";
    case TermKind::compute:
      break;
  }
  return "compute";
}

std::string percent(double fraction) {
  return format_percent(fraction, 1);
}

class AnalysisText {
 public:
  AnalysisText(std::ostream& out, const Analysis& analysis, const Profile& profile, const AnalysisTextOptions& options)
      : out_(out), analysis_(analysis), profile_(profile), options_(options), paint_(options.color) {}

  void write() {
    heading("Diagnosis");
    if (analysis_.verdict) {
      verdict(*analysis_.verdict);
      shares(*analysis_.verdict);
    }
    if (analysis_.account) account(*analysis_.account);
    limits();
    findings();
    if (options_.explain) explain();
    if (options_.tree) tree();
    if (options_.checklist) checklist();
    if (!analysis_.notes.empty()) {
      out_ << '\n' << paint_.bold("What would tell more:") << '\n';
      for (const std::string& note : analysis_.notes) paragraph("  ", note);
    }
  }

 private:
  void heading(std::string_view text) { out_ << '\n' << paint_.bold(fmt::format("{}:", text)) << '\n'; }

  // `lead` and then the text, wrapped below its own beginning.
  void paragraph(std::string_view lead, std::string_view text) {
    const std::size_t indent = display_width(lead);
    out_ << lead << wrap(printable(text), options_.columns, indent, indent) << '\n';
  }

  void labelled(std::string_view label, std::string_view text) {
    if (!text.empty()) paragraph(fmt::format("  {:<{}}", fmt::format("{}:", label), kLabelColumns), text);
  }

  void verdict(const Verdict& verdict) {
    labelled("Pattern", as_sentence(pattern_sentence(verdict.pattern)));
    labelled("Bottleneck", as_sentence(fmt::format("{}: {}", name_of(verdict.bottleneck), verdict.reason)));
    for (const HeldBack& held : verdict.held_back) {
      std::string text;
      for (const Evidence& each : held.evidence) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", each.quantity, shown(each));
      }
      labelled("Held back", as_sentence(fmt::format("by its {}: {}", trtprof::to_string(held.by), text)));
    }
  }

  static std::string shown(const Evidence& evidence) {
    if (evidence.unit == "1") return percent(evidence.value);
    if (evidence.unit == "s") return format_duration(evidence.value);
    if (evidence.unit == "Hz") return format_clock(evidence.value);
    if (evidence.unit == "W") return format_power(evidence.value);
    if (evidence.unit == "J") return format_energy(evidence.value);
    if (evidence.unit == "B" && evidence.value >= 0.0) return format_bytes(static_cast<std::uint64_t>(evidence.value));
    return fmt::format("{:.4g}{}{}", evidence.value, evidence.unit.empty() ? "" : " ", evidence.unit);
  }

  static std::string pattern_sentence(const PatternVerdict& verdict) {
    std::string classes;
    for (std::size_t i = 0; i < std::min<std::size_t>(verdict.classes.size(), 4); ++i) {
      classes += fmt::format("{}{} {}", i == 0 ? "" : ", ", display_name(verdict.classes[i].layer_class),
                             format_percent(verdict.classes[i].share, 0));
    }
    std::string text(name_of(verdict.pattern));
    if (verdict.pattern == Pattern::transfer_bound) {
      return fmt::format("{}: copies take {} of the inference", text,
                         format_percent(verdict.evidence.front().value, 0));
    }
    return classes.empty() ? text : fmt::format("{}: {}", text, classes);
  }

  void shares(const Verdict& verdict) {
    out_ << fmt::format("\n  {} an inference goes to:\n",
                        analysis_.account ? format_duration(analysis_.account->end_to_end) : "The time of");
    for (const TimeShare& share : verdict.shares) {
      if (share.share < kNotWorthARow) continue;
      const auto bar = static_cast<std::size_t>(std::lround(share.share * static_cast<double>(kBarColumns)));
      out_ << fmt::format("    {:<24}{:>7}{:>10}{}{}\n", name_of(share.what), percent(share.share),
                          format_duration(share.seconds), bar > 0 ? "  " : "", std::string(bar, '#'));
    }
  }

  void account(const TimeAccount& account) {
    out_ << "\n  The account of it:\n";
    for (const TimeTerm& term : account.terms) {
      const std::string known = term.known == HowKnown::bounded && term.bounds
                                    ? fmt::format("between {} and {}; ", format_duration(term.bounds->low),
                                                  format_duration(term.bounds->high))
                                    : "";
      const std::string lead = fmt::format("    {:<26}{:>10}  ", name_of(term.kind),
                                           term.seconds ? format_duration(*term.seconds) : std::string("?"));
      paragraph(lead, known + term.basis);
    }
    paragraph(fmt::format("    {:<26}{:>10}  ", "unexplained", format_duration(account.unexplained)),
              account.closes ? fmt::format("{} of {}, known to +-{}", percent(account.unexplained / account.end_to_end),
                                           format_duration(account.end_to_end), format_duration(account.uncertainty))
                             : fmt::format("{} of {}: the account does not close",
                                           percent(account.unexplained / account.end_to_end),
                                           format_duration(account.end_to_end)));
    if (account.beside_other_inferences && account.interval) {
      paragraph("    ",
                fmt::format("Inferences overlap: one is done every {}, and {} of each lie beside others.",
                            format_duration(*account.interval), format_duration(*account.beside_other_inferences)));
    }
  }

  // What the layers were held against, and where bytes and times come from.
  void limits() {
    if (!analysis_.roofline) return;
    const Roofline& roofline = *analysis_.roofline;
    std::size_t counted = 0;
    for (const LayerRoofline& layer : roofline.layers) counted += layer.bytes_basis == BytesBasis::counters ? 1 : 0;
    const std::string basis =
        fmt::format("Layers' times are {}, their bytes {}.",
                    roofline.from_timeline ? "those of their kernels" : "what the engine reports",
                    counted > 0 ? fmt::format("counted by the hardware in {} of {}", counted, roofline.layers.size())
                                : "those that they must move at least");
    out_ << '\n';
    if (roofline.device.empty() || roofline.seconds_with_ideal <= 0.0) {
      paragraph("  ", basis);
      return;
    }
    std::string figures;
    for (const CeilingFigure& figure : roofline.figures) {
      figures += fmt::format(
          "{}{} {}{} ({})", figures.empty() ? "" : ", ", trtprof::to_string(figure.kind), format_count(figure.value),
          figure.kind == CeilingKind::memory_bandwidth ? "B/s" : "FLOP/s", trtprof::to_string(figure.basis));
    }
    paragraph("  ", fmt::format("At the limits of {} the layers would take {} of {}: {}. {}", roofline.device,
                                format_duration(roofline.ideal_seconds), format_duration(roofline.seconds_with_ideal),
                                figures, basis));
  }

  void findings() {
    heading(analysis_.findings.empty() ? "No findings" : "Findings");
    std::size_t number = 0;
    for (const Finding& finding : analysis_.findings) {
      const std::string severity(trtprof::to_string(finding.severity));
      const std::string label = finding.severity <= Severity::major ? paint_.alarm(severity) : paint_.warning(severity);
      const std::string lead = fmt::format("  {}. [{}] ", ++number, severity);
      const std::size_t indent = 5;
      out_ << fmt::format("  {}. [{}] ", number, label)
           << wrap(printable(upper_first(finding.title)), options_.columns, indent, display_width(lead)) << '\n';
      paragraph("     ", finding.explanation);
      if (finding.gain) gain(*finding.gain);
      if (!finding.action.empty()) paragraph("     Do:   ", finding.action);
      for (const std::string& command : finding.commands) out_ << "     Run:  " << printable(command) << '\n';
      if (number < analysis_.findings.size()) out_ << '\n';
    }
    if (analysis_.findings.size() > 1) out_ << "\n  Gains overlap: they do not add up.\n";
  }

  void gain(const Gain& gain) {
    const double whole = analysis_.account ? analysis_.account->end_to_end : 0.0;
    const auto share = [&](double seconds) {
      return whole > 0.0 ? fmt::format("{} ({})", format_duration(seconds), percent(seconds / whole))
                         : format_duration(seconds);
    };
    const std::string amount = gain.low > 0.0 && gain.low < gain.high
                                   ? fmt::format("{} to {}", share(gain.low), share(gain.high))
                               : gain.basis == GainBasis::bound ? fmt::format("at most {}", share(gain.high))
                                                                : share(gain.high);
    paragraph("     Gain: ", fmt::format("{}, {}: {}", amount, trtprof::to_string(gain.basis), gain.how));
  }

  void explain() {
    heading("Rules that found nothing");
    for (const RuleOutcome& outcome : analysis_.outcomes) {
      if (outcome.result == RuleResult::fired) continue;
      paragraph(fmt::format("  {:<24}", outcome.rule),
                (outcome.result == RuleResult::not_known ? "Not known. " : "") + as_sentence(outcome.why_not));
    }
  }

  static std::string_view mark(StepState state) {
    switch (state) {
      case StepState::to_do:
        return "to do";
      case StepState::done:
        return "done";
      case StepState::nothing_gained:
        return "no gain";
      case StepState::not_known:
        break;
    }
    return "unknown";
  }

  static std::string_view mark(BranchState state) {
    switch (state) {
      case BranchState::taken:
        return "YES";
      case BranchState::also:
        return "also";
      case BranchState::not_taken:
        return "no";
      case BranchState::not_known:
        break;
    }
    return "unknown";
  }

  void tree() {
    heading("Decision tree");
    for (std::size_t i = 0; i < analysis_.tree.branches.size(); ++i) {
      const TreeBranch& branch = analysis_.tree.branches[i];
      const bool last = i + 1 == analysis_.tree.branches.size();
      const bool taken = branch.state == BranchState::taken;
      const std::string title = fmt::format("{} {}.", branch.question, mark(branch.state));
      out_ << "  " << (last ? "└─ " : "├─ ") << (taken ? paint_.bold(title) : title) << '\n';
      const std::string stem = last ? "     " : "  │  ";
      hanging(stem, branch.why);
      if (branch.state == BranchState::not_taken) continue;
      for (const TreeStep& step : branch.steps) {
        hanging(stem, fmt::format("→ {} [{}]", step.what, mark(step.state)));
        hanging(stem + "    ", as_sentence(step.why));
      }
    }
  }

  // Every line begins with `stem`.
  void hanging(const std::string& stem, std::string_view text) {
    const std::string lines = wrap(printable(text), options_.columns - display_width(stem), 0, 0);
    for (std::size_t begin = 0; begin < lines.size();) {
      const std::size_t end = std::min(lines.find('\n', begin), lines.size());
      out_ << stem << std::string_view(lines).substr(begin, end - begin) << '\n';
      begin = end + 1;
    }
  }

  void checklist() {
    heading("Checklist");
    for (const CheckItem& item : analysis_.checklist.items) {
      const std::string_view box = item.state == CheckState::done     ? "[x]"
                                   : item.state == CheckState::failed ? "[ ]"
                                                                      : "[-]";
      out_ << "  " << box << ' ' << item.what << (item.state == CheckState::not_applicable ? " (not applicable)" : "")
           << '\n';
      paragraph("      ", item.figure);
    }
  }

  std::ostream& out_;
  const Analysis& analysis_;
  const Profile& profile_;
  const AnalysisTextOptions& options_;
  const Paint paint_;
};

}  // namespace

void write_analysis_text(std::ostream& out, const Analysis& analysis, const Profile& profile,
                         const AnalysisTextOptions& options) {
  AnalysisText(out, analysis, profile, options).write();
}

void write_short_analysis(std::ostream& out, const Analysis& analysis, std::string_view more, bool color) {
  if (!analysis.verdict) return;
  const Paint paint(color);
  out << '\n' << paint.bold("Diagnosis:") << '\n';
  text_report::write_key_values(out,
                                {{"Pattern", std::string(name_of(analysis.verdict->pattern.pattern))},
                                 {"Bottleneck", fmt::format("{}: {}", name_of(analysis.verdict->bottleneck),
                                                            printable(analysis.verdict->reason))}},
                                "  ");
  const double whole = analysis.account ? analysis.account->end_to_end : 0.0;
  const std::size_t shown = std::min(kShortFindings, analysis.findings.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const Finding& finding = analysis.findings[i];
    const std::string gain =
        finding.gain && whole > 0.0 ? fmt::format(" (at most {})", percent(finding.gain->high / whole)) : "";
    out << fmt::format("  {}. [{}] {}{}\n", i + 1, trtprof::to_string(finding.severity),
                       printable(upper_first(finding.title)), gain);
  }
  if (analysis.findings.size() > shown) out << fmt::format("  and {} more\n", analysis.findings.size() - shown);
  for (const std::string& note : analysis.notes) {
    constexpr std::size_t columns = 100;
    out << "  " << wrap(printable(note), columns, 2, 2) << '\n';
  }
  out << fmt::format("  What to do, and why: {}\n", printable(more));
}

}  // namespace trtprof
