#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "backend_choice.h"
#include "command_line.h"
#include "commands.h"
#include "compare_run.h"
#include "messages.h"
#include "options.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/pass_manager.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/range_analysis.h"
#include "trtprof/optimize/precision/type_check.h"
#include "trtprof/report/optimization.h"

namespace trtprof::cli {
namespace {

// What the stages hand on.
struct Work {
  const Settings& settings;
  // Outlives what it made.
  std::optional<LoadedBackend> backend = {};
  std::optional<OnnxModel> model = {};
  std::optional<ModelInfo> given = {};  // of the model before anything was done to it
  BoundShapes shapes = {};              // for the check
  OptimizeReport passes = {};
  std::optional<PrecisionDone> precision = {};
  std::optional<WrittenModel> result = {};
  std::optional<CompareRun> comparison = {};  // of the result (B) with the given model (A)
};

Status load(Work& work) {
  const std::string& path = work.settings.operands.at(0);
  auto model = OnnxModel::load(path);
  if (!model) return forward_error(model);
  for (const std::string& warning : model->warnings()) print_warning(warning);
  auto info = model->info();
  if (!info) return forward_error(info);
  work.model = *std::move(model);
  work.given = *std::move(info);
  return {};
}

bool converts(const Settings& settings) {
  return settings.precision == "f16" || settings.precision == "bf16";
}

// The reference is OpenVINO on the CPU where nothing else is asked for: it runs everywhere, and in f32.
Status open_reference(Work& work) {
  const Settings& settings = work.settings;
  const std::string name = settings.backend == "auto" ? "openvino" : settings.backend;
  auto backend = open_backend(name);
  if (backend) {
    work.backend = *std::move(backend);
  } else if (settings.was_given("--backend") || settings.passes.check) {
    Error error = backend.error();
    error.hint += (error.hint.empty() ? "" : "; ") + std::string("--no-check does without a backend");
    if (settings.was_given("--backend")) error.hint = backend.error().hint;
    return tl::unexpected(error);
  }
  const bool measures_ranges = converts(settings) && settings.range_inferences > 0;
  if (!settings.passes.check && !measures_ranges) return {};
  auto shapes = bind_shapes(work.model->graph(), settings.shapes);
  if (!shapes) {
    Error error = shapes.error();
    error.hint += (error.hint.empty() ? "" : "; ") +
                  std::string(measures_ranges ? "--no-check and --range-inferences 0 do not run the model"
                                              : "--no-check does not run the model");
    return tl::unexpected(error);
  }
  work.shapes = *std::move(shapes);
  return {};
}

Status apply_passes(Work& work) {
  PassOptions options = work.settings.passes;
  options.shapes = work.shapes;
  options.seed = work.settings.seed;
  auto report = run_passes(*work.model, work.backend ? &**work.backend : nullptr, options, [](const PassStep& step) {
    print_verbose(fmt::format("{}: {} rewrites, {} -> {} nodes", step.pass, step.applications.size(), step.before.nodes,
                              step.after.nodes));
  });
  if (!report) return forward_error(report);
  work.passes = *std::move(report);
  for (const PassStep& step : work.passes.steps) {
    if (!step.taken_back.empty()) print_warning(fmt::format("{} was taken back: {}", step.pass, step.taken_back));
  }
  return {};
}

// What its values reach, on random inputs: which nodes would overflow.
Status measure_ranges(Work& work, PrecisionOptions& options) {
  const Settings& settings = work.settings;
  if (settings.range_inferences == 0 || !work.backend || work.shapes.empty()) return {};
  const auto count = static_cast<std::size_t>(settings.range_inferences);
  const auto ranges = analyze_ranges_of_random(**work.backend, *work.model, work.shapes, count, settings.seed);
  if (!ranges) return forward_error(ranges);
  for (const std::string& warning : ranges->warnings) print_warning(warning);
  options.ranges = value_ranges(*ranges);
  work.precision->inferences = ranges->inferences;
  work.precision->data = fmt::format("random inputs (seed {})", settings.seed);
  return {};
}

Status convert(Work& work) {
  const Settings& settings = work.settings;
  if (!converts(settings)) return {};
  work.precision.emplace();
  PrecisionOptions options = settings.conversion;
  options.type = settings.precision == "f16" ? HalfType::f16 : HalfType::bf16;
  if (const Status measured = measure_ranges(work, options); !measured) return measured;
  auto converted = convert_precision(*work.model, options);
  if (!converted) return forward_error(converted);
  if (const Status types = check_converted_types(converted->model, converted->report); !types) {
    Error error = types.error();
    error.message = fmt::format("the conversion to {} does not hold: {}", settings.precision, error.message);
    return tl::unexpected(error);
  }
  work.model = std::move(converted->model);
  work.precision->report = std::move(converted->report);
  return {};
}

Status save(Work& work) {
  if (!work.settings.output) return {};
  const std::filesystem::path& path = *work.settings.output;
  if (const Status saved = work.model->save_with_data(path); !saved) return saved;
  // A pipe or a device cannot be read again.
  if (std::error_code error; !std::filesystem::is_regular_file(path, error)) return {};
  const auto written = OnnxModel::load(path);
  if (!written) return forward_error(written);
  auto info = written->info();
  if (!info) return forward_error(info);
  work.result = WrittenModel{path.string(), info->sha256, info->file_bytes};
  return {};
}

// The options of the command line that launches take as well. --precision is what the model is converted to here.
std::vector<std::string> launch_options(const Settings& settings) {
  std::vector<std::string> passed;
  const std::vector<std::string>& words = settings.command_line;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const Option* option = find_option(words[i]);
    if (option == nullptr) continue;
    const bool value_follows = takes_next_word(*option) && words[i].find('=') == std::string::npos;
    const bool wanted = takes(*option, "compare") && option->name != "--precision" && option->name != "--json" &&
                        option->name != "--output";
    if (wanted)
      passed.insert(passed.end(), words.begin() + static_cast<std::ptrdiff_t>(i),
                    words.begin() + static_cast<std::ptrdiff_t>(std::min(i + (value_follows ? 2 : 1), words.size())));
    if (value_follows) ++i;
  }
  return passed;
}

Status compare(Work& work) {
  if (!work.settings.compare_result || !work.result) return {};
  std::vector<std::string> arguments = {"compare", work.settings.operands.at(0), work.result->path};
  const std::vector<std::string> options = launch_options(work.settings);
  arguments.insert(arguments.end(), options.begin(), options.end());
  auto parsed = parse_command_line(arguments);
  if (!parsed) return forward_error(parsed);
  auto settings = std::get<Settings>(*std::move(parsed));
  settings.command_line = arguments;
  settings.command_line.insert(settings.command_line.begin(), work.settings.command_line.front());
  auto run = run_comparison(settings);
  if (!run) return forward_error(run);
  work.comparison = *std::move(run);
  return {};
}

std::string chosen_text(const PassOptions& options) {
  std::string text =
      options.only.empty() ? fmt::format("level {}", options.level) : fmt::format("{}", fmt::join(options.only, ", "));
  if (!options.disabled.empty()) text += fmt::format(" without {}", fmt::join(options.disabled, ", "));
  return text;
}

Status report(Work& work) {
  const Settings& settings = work.settings;
  OptimizationDocument document{*work.given, work.passes, chosen_text(settings.passes), work.result};
  if (work.precision) document.precision = &*work.precision;
  std::optional<ComparisonDocument> comparison;
  if (work.comparison) {
    comparison.emplace(work.comparison->comparison, work.comparison->sources_a, work.comparison->sources_b);
    document.comparison = &*comparison;
  }
  OptimizationTextOptions options;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  options.explain = settings.explain_passes;
  options.quiet = settings.report.quiet;
  write_optimization_text(std::cout, document, options);
  if (work.comparison) {
    std::cout << "\nB is what was written, A what was given.\n";
    write_comparison_text(std::cout, work.comparison->comparison, comparison_text_options(settings));
  }
  std::cout.flush();
  Status written = settings.json ? write_file(*settings.json, optimization_to_json(document)) : Status{};
  if (!std::cout) return fail("the report could not be written to standard output", "is the disk full?");
  return written;
}

// In order; each works on what those before it left. A stage that changes the model comes before `save`, one that
// measures what was gained after it.
using Stage = Status (*)(Work&);
constexpr std::array<Stage, 7> kStages = {load, open_reference, apply_passes, convert, save, compare, report};

Result<int> optimize(const Settings& settings) {
  for (const auto& file : {settings.output, settings.json}) {
    if (!file) continue;
    if (const Status writable = check_writable(*file); !writable) return forward_error(writable);
  }
  Work work{settings};
  for (const Stage stage : kStages) {
    if (const Status done = stage(work); !done) return forward_error(done);
  }
  return work.comparison && work.comparison->interrupted ? static_cast<int>(ErrorCode::interrupted) : 0;
}

}  // namespace

int run_optimize(const Settings& settings) {
  const Result<int> code = optimize(settings);
  return code ? *code : print_error(code.error());
}

}  // namespace trtprof::cli
