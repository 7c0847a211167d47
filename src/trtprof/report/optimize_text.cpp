#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/optimization.h"
#include "trtprof/report/precision_text.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::KeyValues;
using text_report::Paint;

// Of reasons that are told in the short form; all of them with --explain-passes.
constexpr std::size_t kReasonsTold = 3;
constexpr std::size_t kPassWidth = 28;

std::string percent_of_largest(double error) {
  return error == 0.0 ? "0" : std::isfinite(error) ? fmt::format("{:.1e}", error) : "infinite";
}

std::string nodes_of(const PassStep& step) {
  return fmt::format("{} -> {}", step.before.nodes, step.after.nodes);
}

std::string rounds_of(const OptimizeReport& passes) {
  const std::string text = counted(passes.rounds, "round");
  if (passes.rewrite_limit_reached) return text + ", ended by the limit of rewrites";
  return text + (passes.fixed_point ? ", the last found nothing to do" : ", and there would be more to do");
}

std::string inputs_of(const NumericCheck& check) {
  std::string text;
  for (const auto& [name, shape] : check.shapes) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(name), format_shape(shape));
  }
  return text;
}

std::string check_of(const OptimizeReport& passes) {
  if (!passes.check) return fmt::format("none: {}", printable(passes.not_checked));
  const NumericCheck& check = *passes.check;
  if (check.output.empty()) return fmt::format("{}, but the model has no outputs", check.backend);
  return fmt::format(
      "{} in f32, random inputs (seed {}): {}; the outputs differ by {} of their largest value at most ('{}')",
      check.backend, check.seed, inputs_of(check), percent_of_largest(check.error), printable(check.output));
}

// What of the weights went, by the worst of them.
std::string pruning_of(const PruningReport& report) {
  double most = 0.0;
  std::uint64_t zeroed = 0;
  for (const PrunedNode& node : report.pruned) {
    most = std::max(most, node.lost);
    zeroed += node.zeroed;
  }
  return fmt::format("{}, {} values became zero, with up to {:.1f} % of a tensor's squares; {} stay as they are",
                     counted(static_cast<std::int64_t>(report.pruned.size()), "weight"), zeroed, most * 100.0,
                     report.left.size());
}

void write_context(std::ostream& out, const OptimizationDocument& document) {
  const OptimizeReport& passes = document.passes;
  KeyValues lines = {{"Model", text_report::describe_model(document.model)},
                     {"Passes", fmt::format("{}; {}", document.chosen, rounds_of(passes))},
                     {"Nodes", fmt::format("{} -> {}", passes.before.nodes, passes.after.nodes)},
                     {"Weights", fmt::format("{} -> {}", format_bytes(passes.before.initializer_bytes),
                                             format_bytes(passes.after.initializer_bytes))},
                     {"Check", check_of(passes)}};
  if (document.pruning != nullptr) lines.emplace_back("2:4 sparse", pruning_of(*document.pruning));
  if (document.result) {
    lines.emplace_back("Written", fmt::format("{} ({}, sha256 {})", printable(document.result->path),
                                              format_bytes(document.result->file_bytes.value_or(0)),
                                              document.result->sha256.substr(0, 12)));
  }
  text_report::write_key_values(out, lines, "");
}

std::string error_of(const PassStep& step) {
  return step.check ? percent_of_largest(step.check->error) : "-";
}

void write_steps(std::ostream& out, const OptimizeReport& passes, const OptimizationTextOptions& options,
                 const Paint& paint) {
  if (passes.steps.empty()) {
    out << "\nNo pass found anything to do.\n";
    return;
  }
  out << '\n'
      << paint.bold(fmt::format("{:>4}  {}{:>9}{:>16}{:>12}{:>12}{:>10}", "Step", fit_left("Pass", kPassWidth),
                                "Rewrites", "Nodes", "Time", "Check", "Error"))
      << '\n';
  int number = 0;
  for (const PassStep& step : passes.steps) {
    out << fmt::format("{:>4}  {}{:>9}{:>16}{:>12}{:>12}{:>10}\n", ++number, fit_left(step.pass, kPassWidth),
                       step.applications.size(), nodes_of(step), format_duration(step.seconds),
                       step.check_seconds > 0.0 ? format_duration(step.check_seconds) : "-", error_of(step));
    if (!step.taken_back.empty()) {
      out << "      " << paint.alarm("taken back: ") << wrap(printable(step.taken_back), options.columns, 6, 18)
          << '\n';
    }
    if (!options.explain) continue;
    for (const Application& application : step.applications) {
      out << "      " << wrap(printable(application.what), options.columns, 8, 6) << '\n';
    }
  }
}

void write_idle(std::ostream& out, const OptimizeReport& passes, std::size_t columns) {
  std::vector<std::string> idle;
  for (const PassSummary& pass : passes.passes) {
    const bool stepped = std::ranges::any_of(passes.steps, [&](const auto& step) { return step.pass == pass.pass; });
    if (!stepped) idle.push_back(pass.pass);
  }
  if (passes.steps.empty() || idle.empty()) return;
  constexpr std::string_view heading = "Nothing to do for ";
  out << '\n' << heading << wrap(fmt::format("{}.", fmt::join(idle, ", ")), columns, 2, heading.size()) << '\n';
}

// "others read what Conv 'conv1' makes" -> "others read what Conv '...' makes"
std::string without_names(const std::string& reason) {
  std::string text;
  bool inside = false;
  for (const char c : reason) {
    if (c == '\'') {
      text += inside ? "...'" : "'";
      inside = !inside;
    } else if (!inside) {
      text += c;
    }
  }
  return text;
}

struct Reason {
  std::string text;  // of one node as it is; of several without names
  std::size_t nodes = 0;
};

// The most frequent first.
std::vector<Reason> counted_reasons(const std::vector<NearMiss>& misses) {
  std::map<std::string, Reason> kinds;
  for (const NearMiss& miss : misses) {
    const std::string kind = without_names(miss.reason);
    Reason& reason = kinds[kind];
    const bool same = reason.nodes == 0 || reason.text == miss.reason;
    reason.text = same ? miss.reason : kind;
    ++reason.nodes;
  }
  std::vector<Reason> reasons;
  reasons.reserve(kinds.size());
  for (auto& [kind, reason] : kinds) reasons.push_back(std::move(reason));
  std::ranges::stable_sort(reasons, std::ranges::greater(), &Reason::nodes);
  return reasons;
}

void write_reasons(std::ostream& out, const PassSummary& pass, std::size_t columns) {
  const auto reasons = counted_reasons(pass.near_misses);
  std::string text;
  for (std::size_t i = 0; i < std::min(reasons.size(), kReasonsTold); ++i) {
    const auto& [reason, count] = reasons[i];
    text += fmt::format("{}{}{}", i == 0 ? "" : "; ", printable(reason), count > 1 ? fmt::format(" ({})", count) : "");
  }
  if (reasons.size() > kReasonsTold) text += fmt::format("; {} more reasons", reasons.size() - kReasonsTold);
  const std::string head = fmt::format("  {}{:>5}  ", fit_left(pass.pass, kPassWidth), pass.near_misses.size());
  out << head << wrap(text, columns, head.size(), head.size()) << '\n';
}

void write_left(std::ostream& out, const OptimizeReport& passes, const OptimizationTextOptions& options,
                const Paint& paint) {
  const bool any = std::ranges::any_of(passes.passes, [](const auto& pass) { return !pass.near_misses.empty(); });
  if (!any) return;
  out << '\n' << paint.bold("Left as they are, and why") << '\n';
  for (const PassSummary& pass : passes.passes) {
    if (pass.near_misses.empty()) continue;
    write_reasons(out, pass, options.columns);
    if (!options.explain) continue;
    for (const NearMiss& miss : pass.near_misses) {
      const std::string who = fmt::format("    {} '{}': ", printable(miss.op_type), printable(miss.node));
      out << who << wrap(printable(miss.reason), options.columns, 6, display_width(who)) << '\n';
    }
  }
  if (!options.explain) out << "--explain-passes names the nodes.\n";
}

}  // namespace

void write_optimization_text(std::ostream& out, const OptimizationDocument& document,
                             const OptimizationTextOptions& options) {
  const Paint paint(options.color);
  if (!options.quiet) write_context(out, document);
  write_steps(out, document.passes, options, paint);
  if (options.quiet && document.sensitivity != nullptr) write_kept_options(out, *document.sensitivity, options.color);
  if (options.quiet) return;
  write_idle(out, document.passes, options.columns);
  write_left(out, document.passes, options, paint);
  text_report::write_list(out, document.passes.notes, "Notes");
  if (document.quantization != nullptr) write_quantization_text(out, *document.quantization, options);
  if (document.sensitivity != nullptr) {
    write_sensitivity_text(out, *document.sensitivity, {options.color, options.explain, options.columns});
  }
  if (document.precision != nullptr) write_precision_text(out, *document.precision, options);
}

}  // namespace trtprof
