#include <iostream>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "commands.h"
#include "compare_run.h"
#include "experiments_run.h"
#include "loop_commands.h"
#include "messages.h"
#include "model_rewrite.h"
#include "optimize_loop.h"
#include "trtprof/base/file.h"
#include "trtprof/report/optimization.h"

namespace trtprof::cli {
namespace {

// Of the result (B) with the given model (A).
Result<std::optional<CompareRun>> compare(const Settings& settings, const ModelRewrite& rewrite) {
  if (!settings.compare_result || !rewrite.result) return std::nullopt;
  const auto launched = settings_of_command(settings, {"compare", settings.operands.at(0), rewrite.result->path});
  if (!launched) return forward_error(launched);
  auto run = run_comparison(*launched);
  if (!run) return forward_error(run);
  return std::optional(*std::move(run));
}

std::string chosen_text(const PassOptions& options) {
  std::string text =
      options.only.empty() ? fmt::format("level {}", options.level) : fmt::format("{}", fmt::join(options.only, ", "));
  if (!options.disabled.empty()) text += fmt::format(" without {}", fmt::join(options.disabled, ", "));
  return text;
}

// On the result, or the given model where nothing is written.
Result<std::optional<ExperimentsReport>> experiment(const Settings& settings, const ModelRewrite& rewrite) {
  if (!settings.experiments) return std::nullopt;
  auto found = run_experiments(settings, rewrite.result ? rewrite.result->path : settings.operands.at(0));
  if (!found) return forward_error(found);
  return std::optional(*std::move(found));
}

// What was measured of the result. An error ends that, not the report of what was done by then.
struct Measured {
  std::optional<CompareRun> compared;
  std::optional<ExperimentsReport> experiments;
  Status ended;
};

Measured measure(const Settings& given, const ModelRewrite& rewrite) {
  Measured measured;
  const auto end = [&measured](const Error& error) {
    measured.ended = tl::unexpected(error);
    return std::move(measured);
  };
  if (rewrite.failure) return end(*rewrite.failure);
  const Error stopped{ErrorCode::interrupted, "stopped by the user: what comes after it was not measured", ""};
  if (rewrite.accuracy && rewrite.accuracy->result.partial) return end(stopped);
  const auto settings = settings_with_shapes(given, rewrite.shapes);
  if (!settings) return end(settings.error());
  auto compared = compare(*settings, rewrite);
  if (!compared) return end(compared.error());
  measured.compared = *std::move(compared);
  if (measured.compared && measured.compared->interrupted) return end(stopped);
  auto experiments = experiment(*settings, rewrite);
  if (!experiments) return end(experiments.error());
  measured.experiments = *std::move(experiments);
  return measured;
}

Status report(const Settings& settings, const ModelRewrite& rewrite, const Measured& measured) {
  const auto& [compared, experiments, ended] = measured;
  OptimizationDocument document{rewrite.given, rewrite.passes, chosen_text(settings.passes), rewrite.result};
  if (rewrite.quantization) document.quantization = &*rewrite.quantization;
  if (rewrite.pruning) document.pruning = &*rewrite.pruning;
  if (rewrite.precision) document.precision = &*rewrite.precision;
  if (rewrite.sensitivity) document.sensitivity = &*rewrite.sensitivity;
  std::optional<AccuracyDocument> accuracy;
  if (rewrite.accuracy) {
    accuracy.emplace(rewrite.accuracy->document());
    document.accuracy = &*accuracy;
    for (const std::string& warning : accuracy->result.warnings) print_warning(warning);
  }
  std::optional<ComparisonDocument> comparison;
  if (compared) {
    comparison.emplace(compared->comparison, compared->sources_a, compared->sources_b);
    document.comparison = &*comparison;
  }
  if (experiments) document.experiments = &*experiments;
  OptimizationTextOptions options;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  options.explain = settings.explain_passes;
  options.quiet = settings.report.quiet;
  write_optimization_text(std::cout, document, options);
  if (accuracy) {
    std::cout << '\n';
    write_accuracy_text(std::cout, *accuracy, options.color);
  }
  if (compared) {
    std::cout << "\nB is what was written, A what was given.\n";
    write_comparison_text(std::cout, compared->comparison, comparison_text_options(settings));
  }
  if (experiments) write_experiments_text(std::cout, *experiments, {options.color, options.columns});
  std::cout.flush();
  Status written = settings.json ? write_file(*settings.json, optimization_to_json(document)) : Status{};
  if (!std::cout) return fail("the report could not be written to standard output", "is the disk full?");
  return written;
}

Result<int> optimize(const Settings& settings) {
  for (const auto& file : {settings.output, settings.json}) {
    if (!file) continue;
    if (const Status writable = check_writable(*file); !writable) return forward_error(writable);
  }
  const auto rewrite = rewrite_model(settings);
  if (!rewrite) return forward_error(rewrite);
  const Measured measured = measure(settings, *rewrite);
  if (const Status reported = report(settings, *rewrite, measured); !reported) return forward_error(reported);
  const bool failed = rewrite->accuracy && !rewrite->accuracy->verdict.passed;
  if (failed) {
    for (const std::string& failure : rewrite->accuracy->verdict.failures) print_warning(failure);
  }
  if (!measured.ended) return forward_error(measured.ended);
  return failed ? static_cast<int>(ErrorCode::gate_failed) : 0;
}

}  // namespace

int run_optimize(const Settings& settings) {
  const Result<int> code = settings.compare.budget ? optimize_in_loop(settings) : optimize(settings);
  return code ? *code : print_error(code.error());
}

}  // namespace trtprof::cli
