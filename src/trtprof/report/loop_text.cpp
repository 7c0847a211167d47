#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/experiments_report.h"
#include "trtprof/report/loop.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::KeyValues;
using text_report::Paint;

constexpr std::size_t kStepWidth = 16;
constexpr std::size_t kNameWidth = 26;
constexpr std::size_t kIndent = 2;

std::string shown_name(const std::string& name) {
  return name == "given" ? "as it was given" : printable(name);
}

std::string end_text(const LoopDocument& document) {
  const LoopState& state = document.outcome.state;
  std::string time = fmt::format("{} of {}", format_duration(state.elapsed), format_duration(document.budget));
  switch (document.outcome.end) {
    case LoopEnd::all_tried:
      return time + ", nothing is left to try";
    case LoopEnd::budget_over:
      return time +
             (state.elapsed < document.budget ? ", what is left is too little to go on" : ", the budget is over");
    case LoopEnd::interrupted:
      return time + ", INTERRUPTED";
  }
  return time;
}

void write_context(std::ostream& out, const LoopDocument& document) {
  KeyValues lines = {{"Model", text_report::describe_model(document.model)},
                     {"Objective", document.throughput ? "throughput" : "latency"},
                     {"Time", end_text(document)}};
  const LoopState& state = document.outcome.state;
  if (state.baseline)
    lines.emplace_back("Engine", fmt::format("computes in {} as it is", state.baseline->facts.precision));
  const auto gate = std::ranges::find_if(
      state.records, [](const CandidateRecord& record) { return record.accuracy && !record.accuracy->identical; });
  if (gate != state.records.end()) {
    lines.emplace_back("Accuracy", fmt::format("{}, on {} {}samples", gate->accuracy->gate, gate->accuracy->samples,
                                               gate->accuracy->random_data ? "RANDOM " : ""));
  }
  text_report::write_key_values(out, lines, "");
}

// "FASTER -12.3 % [-14.2, -10.1]"
std::string verdict_of(const CandidateRecord* record) {
  if (record == nullptr || record->looks.empty()) return "";
  const LookFacts& look = record->looks.back();
  return fmt::format("{} {}", to_string(look.outcome), effect_text(look));
}

std::string decision_of(const CandidateRecord* record) {
  if (record == nullptr) return "";
  if (!record->decision) return "not decided";
  if (record->taken_back()) return "taken back";
  if (record->decision->kind == DecisionKind::listed) return "listed";
  return record->accepted() ? "accepted" : "rejected";
}

std::string reason_of(const LoopState& state, const CandidateRecord& record, LoopEnd end) {
  if (record.taken_back()) return record.confirmed->reason;
  if (record.decision) return record.decision->reason;
  const std::string why = why_not_tried(state, record, end);
  return as_sentence(record.started ? "it was begun, and " + why : why);
}

void write_staircase(std::ostream& out, const LoopState& state, const Paint& paint) {
  const std::vector<StaircaseRow> rows = staircase_of(state);
  if (rows.empty()) return;
  out << '\n'
      << paint.bold(fmt::format("{}{}{:>10}{:>10}{:>10}  {}", fit_left("Step", kStepWidth),
                                fit_left("Model", kNameWidth), "ms", "FPS", "Gain", "Against the best before it"))
      << '\n';
  for (const StaircaseRow& row : rows) {
    const bool first = &row == &rows.front();
    const std::string verdict = verdict_of(row.record);
    out << fmt::format("{}{}{:>10}{:>10.1f}{:>10}{}\n", fit_left(display_name(row.step), kStepWidth),
                       fit_left(shown_name(row.name), kNameWidth), format_milliseconds(row.seconds),
                       row.items_per_second, first ? "-" : fmt::format("{:.0f} %", row.improvement * 100.0),
                       verdict.empty() ? "" : fmt::format("  {}, {}", verdict, decision_of(row.record)));
  }
  const CandidateRecord* winner = state.winner();
  const auto last = std::ranges::find(rows, winner, &StaircaseRow::record);
  if (winner == nullptr || last == rows.end() || &*last == &rows.front()) return;
  out << "Cumulative improvement: " << improvement_text(rows.front(), *last) << '\n';
}

void write_candidate(std::ostream& out, const LoopState& state, const CandidateRecord& record, LoopEnd end,
                     std::size_t columns, const Paint& paint) {
  const bool accepted = record.accepted();
  const std::string word = record.decision ? decision_of(&record) : "not tried";
  const std::string reason = reason_of(state, record, end);
  const std::string name = fit_left(record.candidate.name, kNameWidth);
  out << std::string(kIndent, ' ') << name << (accepted ? paint.bold(fit_left(word, 11)) : fit_left(word, 11))
      << wrap(printable(reason), columns, kIndent + kNameWidth + 11, kIndent + kNameWidth + 11) << '\n';
  if (!record.accuracy || record.accuracy->identical) return;
  std::string text = accuracy_text(*record.accuracy);
  for (const std::string& doubt : record.accuracy->doubts) text += "; " + doubt;
  out << std::string(kIndent + kNameWidth + 11, ' ')
      << wrap(printable("Accuracy: " + text), columns, kIndent + kNameWidth + 11, kIndent + kNameWidth + 11) << '\n';
}

void write_candidates(std::ostream& out, const LoopDocument& document, std::size_t columns, const Paint& paint) {
  const LoopState& state = document.outcome.state;
  out << '\n' << paint.bold("Candidates") << '\n';
  for (const CandidateRecord& record : state.records) {
    write_candidate(out, state, record, document.outcome.end, columns, paint);
  }
  if (!state.baseline) return;
  for (const NotProposed& each : state.baseline->not_proposed) {
    out << std::string(kIndent, ' ') << fit_left(each.name, kNameWidth) << fit_left("no", 11)
        << wrap(printable(as_sentence(each.reason)), columns, kIndent + kNameWidth + 11, kIndent + kNameWidth + 11)
        << '\n';
  }
}

template <class Value, class Format>
std::string known(const std::optional<Value>& value, Format format) {
  return value ? format(*value) : std::string("-");
}

void write_pareto(std::ostream& out, const LoopState& state, const Paint& paint) {
  const std::vector<ParetoPoint> points = pareto_of(state);
  if (points.size() < 2) return;
  out << '\n'
      << paint.bold(fmt::format("{}{:>12}{:>12}  {}{:>10}{:>12}  {}", fit_left("Pareto", kNameWidth), "Latency",
                                "Items/s", fit_left("Accuracy", 34), "Size", "Energy", "Front"))
      << '\n';
  for (const ParetoPoint& point : points) {
    const std::string accuracy = point.accuracy != nullptr ? accuracy_text(*point.accuracy)
                                 : point.exact             ? "the reference"
                                                           : "not measured";
    out << fmt::format("{}{:>12}{:>12}  {}{:>10}{:>12}  {}\n", fit_left(shown_name(point.name), kNameWidth),
                       known(point.latency, [](double v) { return format_duration(v); }),
                       known(point.throughput, [](double v) { return fmt::format("{:.1f}", v); }),
                       fit_left(accuracy, 34), known(point.file_bytes, [](std::uint64_t v) { return format_bytes(v); }),
                       known(point.joules, [](double v) { return format_energy(v); }),
                       !point.in_gate     ? "outside the gate"
                       : point.taken_back ? "taken back"
                       : point.front      ? "yes"
                                          : "no");
  }
}

// Why the result is the model that was given.
std::string why_given(const LoopOutcome& outcome) {
  const LoopState& state = outcome.state;
  if (const CandidateRecord* best = state.best()) {
    return fmt::format("what was built on '{}' was taken back, and there was no time to confirm it",
                       best->candidate.name);
  }
  std::vector<std::string> taken_back;
  for (const CandidateRecord& record : state.records) {
    if (record.taken_back()) taken_back.push_back(fmt::format("'{}'", record.candidate.name));
  }
  if (!taken_back.empty()) {
    return fmt::format("{} looked faster, and launches beside what was given did not agree",
                       fmt::join(taken_back, " and "));
  }
  const auto is_decided = [](const CandidateRecord& record) { return record.decision.has_value(); };
  if (std::ranges::none_of(state.records, is_decided)) {
    switch (outcome.end) {
      case LoopEnd::all_tried:
        return "there is nothing to try";
      case LoopEnd::budget_over:
        return "the budget had no time to try anything";
      case LoopEnd::interrupted:
        return "it was interrupted before anything was tried";
    }
  }
  const auto is_run = [](const CandidateRecord& record) {
    return record.decision && record.decision->kind != DecisionKind::failed;
  };
  if (std::ranges::none_of(state.records, is_run)) return "nothing that was tried could be made and run";
  return "nothing that was tried is faster and right";
}

void write_result(std::ostream& out, const LoopDocument& document) {
  const LoopState& state = document.outcome.state;
  const CandidateRecord* winner = state.winner();
  KeyValues lines;
  lines.emplace_back("Result", winner == nullptr
                                   ? "the model that was given: " + why_given(document.outcome)
                                   : fmt::format("{}: {}", winner->candidate.name, winner->candidate.what));
  if (winner != nullptr && !winner->started->recipe.run.empty()) {
    lines.emplace_back("Run with", fmt::format("{}", fmt::join(winner->started->recipe.run_options(), " ")));
  }
  if (const CandidateRecord* best = state.best()) {
    lines.emplace_back("Confirmed", best->confirmed ? best->confirmed->reason
                                    : document.outcome.end == LoopEnd::interrupted
                                        ? std::string("Not: it was interrupted before launches beside the given model.")
                                        : std::string("Not: there was no time for launches beside the given model."));
  }
  lines.emplace_back("Written", fmt::format("{} ({}, sha256 {})", printable(document.result.path),
                                            format_bytes(document.result.file_bytes.value_or(0)),
                                            document.result.sha256.substr(0, 12)));
  if (!document.engine.empty()) lines.emplace_back("Engine", printable(document.engine));
  lines.emplace_back("Again", printable(document.script));
  lines.emplace_back("Journal", printable(document.journal));
  out << '\n';
  text_report::write_key_values(out, lines, "");
}

}  // namespace

void write_loop_text(std::ostream& out, const LoopDocument& document, const LoopTextOptions& options) {
  const Paint paint(options.color);
  const LoopState& state = document.outcome.state;
  if (!options.quiet) write_context(out, document);
  write_staircase(out, state, paint);
  if (!options.quiet) {
    write_candidates(out, document, options.columns, paint);
    write_pareto(out, state, paint);
  }
  write_result(out, document);
  if (document.experiments != nullptr) {
    write_experiments_text(out, *document.experiments, {options.color, options.columns});
  }
}

}  // namespace trtprof
