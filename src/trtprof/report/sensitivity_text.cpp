#include <algorithm>
#include <cmath>
#include <ostream>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/sensitivity_report.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::KeyValues;
using text_report::Paint;

// Of the ranking that are told in the short form.
constexpr std::size_t kGroupsTold = 10;
constexpr std::size_t kNameWidth = 40;
constexpr std::size_t kOpWidth = 14;
constexpr std::size_t kBarWidth = 20;

std::string share(const std::optional<double>& value, int decimals) {
  return value ? format_percent(*value, decimals) : "-";
}

std::string error_of(const TrialScore& score) {
  if (!std::isfinite(score.error)) return "infinite";
  return score.error == 0.0 ? "0" : fmt::format("{:.2g} %", score.error * 100.0);
}

std::string sqnr_of(const TrialScore& score) {
  const auto sqnr = score.sqnr_db();
  return sqnr ? fmt::format("{:.1f} dB", *sqnr) : score.error == 0.0 ? "exact" : "-";
}

// Of the groups' errors, whose squares add up: how much of the whole is this group's. Beside an infinite one a finite
// one is nothing.
std::string bar_of(double part) {
  std::string bar;
  bar.resize(static_cast<std::size_t>(std::lround(std::clamp(part, 0.0, 1.0) * kBarWidth)), '#');
  return bar;
}

double squares_of(const SensitivityReport& report) {
  double sum = 0.0;
  for (const GroupSensitivity& found : report.ranking) {
    if (found.score) sum += found.score->error * found.score->error / static_cast<double>(found.together);
  }
  return sum;
}

std::string row_of(const GroupSensitivity& found, std::size_t place, double squares) {
  std::string row = fmt::format("{:>4}  {}  {}{:>6}", place, fit_left(found.group.name, kNameWidth),
                                fit_left(found.group.op_type, kOpWidth), found.group.nodes.size());
  if (!found.score) return row + "  " + (found.failure.empty() ? "not tried" : printable(found.failure));
  const TrialScore& score = *found.score;
  const double own = score.error * score.error / static_cast<double>(found.together);
  const double part = std::isfinite(own) ? (squares > 0.0 ? own / squares : 0.0) : 1.0;
  row +=
      fmt::format("{:>10}{:>10}{:>11}  {}", error_of(score), sqnr_of(score), share(score.agreement, 2), bar_of(part));
  if (found.together > 1) row += fmt::format(" (one of {} together)", found.together);
  row.erase(row.find_last_not_of(' ') + 1);
  return row;
}

void write_ranking(std::ostream& out, const SensitivityReport& report, const SensitivityTextOptions& options,
                   const Paint& paint) {
  if (report.ranking.empty()) return;
  out << '\n'
      << paint.bold(fmt::format("{:>4}  {}  {}{:>6}{:>10}{:>10}{:>11}  {}", "Rank",
                                fit_left("Converted alone", kNameWidth), fit_left("Operator", kOpWidth), "Nodes",
                                "Error", "SQNR", "Agreement", "Share"))
      << '\n';
  const double squares = squares_of(report);
  const std::size_t told = options.explain ? report.ranking.size() : std::min(report.ranking.size(), kGroupsTold);
  for (std::size_t i = 0; i < told; ++i) out << row_of(report.ranking[i], i + 1, squares) << '\n';
  if (told < report.ranking.size()) {
    out << fmt::format("      and {} more; --explain-passes shows them\n", report.ranking.size() - told);
  }
}

void write_curve(std::ostream& out, const SensitivityDone& done, const Paint& paint) {
  const SensitivityReport& report = done.report;
  if (report.curve.empty()) return;
  const bool judged = report.searched;
  const bool of_ranking = !report.ranking.empty() && report.curve.size() > 1;
  out << '\n'
      << (of_ranking ? "All converted but the first so many of the ranking" : "All converted")
      << fmt::format(", on {}\n", counted(static_cast<std::int64_t>(done.data_samples), "sample"))
      << paint.bold(fmt::format("{:>12}{:>12}{:>10}{:>10}{:>11}{:>10}{:>10}{}", "Left out", "Converted", "Error",
                                "SQNR", "Agreement", "Top-1", "Drop", judged ? "   Gates" : ""))
      << '\n';
  for (const CumulativePoint& point : report.curve) {
    const std::string drop = point.score.drop ? fmt::format("{:.2f}", *point.score.drop * 100.0) : "-";
    const std::string verdict = !judged ? "" : point.passed ? "   hold" : "   " + paint.alarm("fail");
    out << fmt::format("{:>12}{:>12}{:>10}{:>10}{:>11}{:>10}{:>10}{}\n", point.kept, report.groups - point.kept,
                       error_of(point.score), sqnr_of(point.score), share(point.score.agreement, 2),
                       share(point.score.top1, 2), drop, verdict);
  }
}

// "--min-agreement 99% and --max-drop 0.5"
std::string gates_of(const AccuracyGates& gates) {
  std::string text;
  if (gates.min_agreement) text = fmt::format("--min-agreement {:g}%", *gates.min_agreement * 100.0);
  if (gates.max_drop_points) {
    text += fmt::format("{}--max-drop {:g}", text.empty() ? "" : " and ", *gates.max_drop_points);
  }
  return text;
}

// As the shell takes it.
std::string quoted(const std::string& name) {
  const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '/' || c == '.' || c == '-' || c == ':';
  });
  if (plain) return name;
  std::string text = "'";
  for (const char c : name) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

// Of "int8+f16": what is left out of INT8 becomes f16.
bool is_int8(const SensitivityDone& done) {
  return done.precision.starts_with("int8");
}

std::string kept_head(const SensitivityDone& done) {
  const std::string gates = gates_of(done.gates);
  const auto kept = static_cast<std::int64_t>(done.report.kept.size());
  const bool int8 = is_int8(done);
  if (!done.report.found) {
    return fmt::format("{} not met, whatever {}", gates, int8 ? "is left out of INT8" : "stays in f32");
  }
  if (done.report.leaves_nothing()) {
    return fmt::format("{} for {}: all of {}, which leaves nothing to {}", int8 ? "Left out of INT8" : "In f32", gates,
                       counted(static_cast<std::int64_t>(done.report.groups), "group"), int8 ? "quantise" : "convert");
  }
  if (kept == 0) return fmt::format("Nothing has to {} for {}", int8 ? "be left out of INT8" : "stay in f32", gates);
  return fmt::format("{} for {}: {} of {}", int8 ? "Left out of INT8" : "In f32", gates, counted(kept, "group"),
                     done.report.groups);
}

void write_kept(std::ostream& out, const SensitivityDone& done, const Paint& paint) {
  const SensitivityReport& report = done.report;
  if (!report.searched) return;
  const std::string head = kept_head(done);
  const bool leaves_nothing = report.leaves_nothing();
  out << '\n' << (leaves_nothing ? paint.alarm(head) : paint.bold(head)) << '\n';
  if (leaves_nothing) return;
  for (const std::string& node : report.kept_nodes()) out << "  --keep-node " << quoted(printable(node)) << '\n';
}

}  // namespace

void write_kept_options(std::ostream& out, const SensitivityDone& done, bool color) {
  write_kept(out, done, Paint(color));
}

void write_sensitivity_text(std::ostream& out, const SensitivityDone& done, const SensitivityTextOptions& options) {
  const Paint paint(options.color);
  const SensitivityReport& report = done.report;
  out << '\n' << paint.bold(fmt::format("Sensitivity to {}", done.precision)) << '\n';
  KeyValues lines = {{"Data", fmt::format("{}, {}", printable(done.data),
                                          counted(static_cast<std::int64_t>(done.data_samples), "sample"))},
                     {"Trials", fmt::format("{} in {}, for {}", report.trials, format_duration(report.seconds),
                                            counted(static_cast<std::int64_t>(report.groups), "group"))}};
  if (!done.engine.empty()) {
    lines.emplace_back("Run on", fmt::format("{} on {}", printable(done.engine), printable(done.device)));
  }
  if (!report.ranking.empty()) {
    lines.emplace_back("Ranking", fmt::format("each group converted alone, on the first {}",
                                              counted(static_cast<std::int64_t>(done.ranking_samples), "sample")));
  }
  text_report::write_key_values(out, lines, "  ");
  write_ranking(out, report, options, paint);
  write_curve(out, done, paint);
  write_kept(out, done, paint);
  text_report::write_list(out, report.notes, "Notes");
}

}  // namespace trtprof
