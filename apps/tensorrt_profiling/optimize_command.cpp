#include <array>
#include <iostream>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "backend_choice.h"
#include "commands.h"
#include "messages.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/pass_manager.h"
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
  std::optional<WrittenModel> result = {};
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
  if (!settings.passes.check) return {};
  auto shapes = bind_shapes(work.model->graph(), settings.shapes);
  if (!shapes) {
    Error error = shapes.error();
    error.hint += (error.hint.empty() ? "" : "; ") + std::string("--no-check does not run the model");
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

std::string chosen_text(const PassOptions& options) {
  std::string text =
      options.only.empty() ? fmt::format("level {}", options.level) : fmt::format("{}", fmt::join(options.only, ", "));
  if (!options.disabled.empty()) text += fmt::format(" without {}", fmt::join(options.disabled, ", "));
  return text;
}

Status report(Work& work) {
  const Settings& settings = work.settings;
  const OptimizationDocument document{*work.given, work.passes, chosen_text(settings.passes), work.result};
  OptimizationTextOptions options;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  options.explain = settings.explain_passes;
  options.quiet = settings.report.quiet;
  write_optimization_text(std::cout, document, options);
  std::cout.flush();
  Status written = settings.json ? write_file(*settings.json, optimization_to_json(document)) : Status{};
  if (!std::cout) return fail("the report could not be written to standard output", "is the disk full?");
  return written;
}

// In order; each works on what those before it left. A stage that changes the model comes before `save`, one that
// measures what was gained after it.
using Stage = Status (*)(Work&);
constexpr std::array<Stage, 5> kStages = {load, open_reference, apply_passes, save, report};

Status optimize(const Settings& settings) {
  for (const auto& file : {settings.output, settings.json}) {
    if (!file) continue;
    if (Status writable = check_writable(*file); !writable) return writable;
  }
  Work work{settings};
  for (const Stage stage : kStages) {
    if (Status done = stage(work); !done) return done;
  }
  return {};
}

}  // namespace

int run_optimize(const Settings& settings) {
  const Status done = optimize(settings);
  return done ? 0 : print_error(done.error());
}

}  // namespace trtprof::cli
