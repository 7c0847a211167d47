#include <filesystem>
#include <iostream>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "backend_choice.h"
#include "build_request.h"
#include "commands.h"
#include "inspect_engine.h"
#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/backend/engine_build.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/report/fusion.h"

namespace trtprof::cli {
namespace {

Status check_kind(const std::string& path) {
  const Result<FileKind> kind = detect_file_kind(path);
  if (!kind) return forward_error(kind);
  switch (*kind) {
    case FileKind::tensorrt_engine:
    case FileKind::tensorrt_rtx_engine:
      return usage_error(fmt::format("{} is an engine already", printable(path)), "give the ONNX model");
    case FileKind::profile_json:
      return usage_error(fmt::format("{} is a saved profile", printable(path)), "give the ONNX model");
    case FileKind::onnx_model:
    case FileKind::unknown:
      break;  // OnnxModel::load says what is wrong with it
  }
  return {};
}

Status check_output(const Settings& settings) {
  std::error_code error;
  if (std::filesystem::equivalent(settings.operands.at(0), *settings.output, error) && !error) {
    return usage_error(fmt::format("--output {} is the model itself", printable(settings.output->string())));
  }
  return check_engine_output(*settings.output);
}

// All that can be said against it before a library of TensorRT is loaded.
Result<EngineBuildRequest> make_request(const Settings& settings) {
  const std::string& path = settings.operands.at(0);
  if (const Status kind = check_kind(path); !kind) return forward_error(kind);
  if (const Status output = check_output(settings); !output) return forward_error(output);
  const Result<OnnxModel> model = OnnxModel::load(path);
  if (!model) return forward_error(model);
  for (const std::string& warning : model->warnings()) print_verbose(warning);

  EngineBuildRequest request;
  request.source.path = path;
  request.source.graph = model->graph();
  request.options = settings.build.options;
  request.options.device = settings.device;
  request.options.plugins = settings.plugins;
  request.options.seed = settings.seed;
  auto profiles = make_profiles(settings, request.source.graph);
  if (!profiles) return forward_error(profiles);
  request.options.profiles = std::move(*profiles);
  if (request.options.sparse_weights) {
    if (const Status sparse = check_sparsity(*model); !sparse) return forward_error(sparse);
  }
  auto info = model->info();
  if (!info) return forward_error(info);
  request.model = std::move(*info);
  request.output = *settings.output;
  request.command_line = settings.command_line;
  return request;
}

void say_what_was_built(const Settings& settings, const EngineRecord& record) {
  for (const std::string& warning : record.builder.warnings) print_warning(warning);
  for (const std::string& note : record.builder.notes) print_verbose(printable(note));
  const EngineBuilder& builder = record.builder;
  print_note(fmt::format("wrote {} ({}), built in {} by {} {}{}", printable(settings.output->string()),
                         format_bytes(record.engine.bytes), format_duration(builder.seconds), printable(builder.name),
                         printable(builder.version), builder.device.empty() ? ", without a GPU" : ""));
  print_note(fmt::format("wrote {}: how, from what and where", printable(sidecar_path(*settings.output).string())));
}

// Where the engine loads here. What was built is built: nothing fails for it.
void say_what_was_fused(const Settings& settings) {
  constexpr std::size_t broken_chains = 4;  // `inspect` lists more, and the layers
  Settings inspected = settings;
  inspected.operands = {settings.output->string()};
  inspected.shapes = {};
  const auto engine = inspect_engine(inspected);
  if (!engine || !engine->fusion) return;
  FusionTextOptions options;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  options.layers = false;
  options.broken_chains = broken_chains;
  write_fusion_text(std::cout, *engine->fusion, options);
  std::cout.flush();
}

}  // namespace

int run_build(const Settings& settings) {
  const InterruptScope interrupt;
  Result<EngineBuildRequest> request = make_request(settings);
  if (!request) return print_error(request.error());
  const Result<Builder> builder = open_builder(settings.backend);
  if (!builder) return print_error(builder.error());
  Backend& backend = *builder->backend;
  request->options.timing_cache = timing_cache_of(settings, backend, *settings.output);

  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  const auto record = build_engine_file(backend, *request, *progress, interrupt.flag());
  progress->finish();
  if (!record) return print_error(why_not_built(*builder, record.error()));
  if (settings.report.quiet) return 0;
  say_what_was_built(settings, *record);
  say_what_was_fused(settings);
  return 0;
}

}  // namespace trtprof::cli
