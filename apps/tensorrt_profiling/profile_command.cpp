#include <iostream>
#include <sstream>
#include <unistd.h>

#include <fmt/format.h>

#include "commands.h"
#include "engine_file.h"
#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/backend/module.h"
#include "trtprof/base/file.h"
#include "trtprof/measure/measure.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/report.h"

namespace trtprof::cli {
namespace {

// Refuses what is not an ONNX model before anything is loaded.
Status check_kind(const std::string& path) {
  const Result<FileKind> kind = detect_file_kind(path);
  if (!kind) return forward_error(kind);
  switch (*kind) {
    case FileKind::tensorrt_engine:
    case FileKind::tensorrt_rtx_engine:
      return engine_unavailable(path, *kind, "profile the ONNX model it was built from");
    case FileKind::profile_json:
      return usage_error(fmt::format("{} is a saved profile, and 'profile' measures models", path),
                         "give the model that was profiled");
    case FileKind::onnx_model:
    case FileKind::unknown:
      break;  // OnnxModel::load says what is wrong with it
  }
  return {};
}

// The run's own defaults, but for what the user gave.
MeasureOptions measure_options(MeasureOptions options, const Settings& settings) {
  options.stop.iterations = settings.iterations;
  if (settings.duration) {
    options.stop.min_seconds = *settings.duration;
    options.stop.max_seconds = *settings.duration;
  }
  options.warmup.iterations = settings.warmup;
  return options;
}

Result<ProfileRequest> make_request(const Settings& settings) {
  const std::string& path = settings.operands.at(0);
  if (const Status status = check_kind(path); !status) return forward_error(status);
  const Result<OnnxModel> model = OnnxModel::load(path);
  if (!model) return forward_error(model);
  for (const std::string& warning : model->warnings()) print_verbose(warning);

  ProfileRequest request;
  request.source = {path, model->graph()};
  auto info = model->info();
  if (!info) return forward_error(info);
  request.info = std::move(*info);
  auto shapes = bind_shapes(request.source.graph, settings.shapes);
  if (!shapes) return forward_error(shapes);
  request.compile = {.device = settings.device,
                     .shapes = std::move(*shapes),
                     .hint = settings.hint,
                     .threads = settings.threads,
                     .streams = settings.streams,
                     .precision = settings.precision};
  std::vector<std::string> names;
  names.reserve(request.source.graph.inputs.size());
  for (const ValueInfo& input : request.source.graph.inputs) names.push_back(input.name);
  auto inputs = load_inputs(settings.inputs, names);
  if (!inputs) return forward_error(inputs);
  request.inputs = std::move(*inputs);
  request.end_to_end = measure_options(request.end_to_end, settings);
  request.layers = measure_options(request.layers, settings);
  request.seed = settings.seed;
  request.environment = describe_environment(settings.command_line);
  return request;
}

// auto: a GPU backend that loads and finds its device, else OpenVINO. Named: that one or the reason why not.
Result<LoadedBackend> open_backend(const std::string& asked) {
  if (asked != "auto") {
    auto loaded = load_backend(asked);
    if (!loaded) return loaded;
    if (const auto probed = (*loaded)->probe(); !probed) return forward_error(probed);
    return loaded;
  }
  for (const std::string& name : available_backends()) {
    if (name == "openvino") continue;
    auto loaded = load_backend(name);
    if (!loaded) {
      print_verbose(fmt::format("not using {}: {}", name, loaded.error().message));
      continue;
    }
    const auto probed = (*loaded)->probe();
    if (probed) return loaded;
    print_verbose(fmt::format("not using {}: {}", name, probed.error().message));
  }
  return open_backend("openvino");
}

Status write_files(const Settings& settings, const Profile& profile) {
  if (settings.json) {
    if (Status saved = save_profile(profile, *settings.json); !saved) return saved;
  }
  if (settings.csv) {
    return write_file(*settings.csv, [&](std::ostream& out) -> Status {
      write_csv_report(out, profile);
      return {};
    });
  }
  return {};
}

Status print_report(const Settings& settings, const Profile& profile) {
  TextReportOptions options = settings.report;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  write_text_report(std::cout, profile, options);
  std::cout.flush();
  if (!std::cout) return fail("the report could not be written to standard output", "is the disk full?");
  return {};
}

}  // namespace

int run_profile(const Settings& settings) {
  const InterruptScope interrupt;
  // Minutes of measuring must not end in an unwritable file.
  for (const auto& path : {settings.json, settings.csv}) {
    if (!path) continue;
    if (const Status writable = check_writable(*path); !writable) return print_error(writable.error());
  }
  const Result<ProfileRequest> request = make_request(settings);
  if (!request) return print_error(request.error());
  const Result<LoadedBackend> backend = open_backend(settings.backend);
  if (!backend) return print_error(backend.error());

  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  MeasureContext context{*progress, interrupt.flag()};
  const Result<Profile> profile = profile_model(**backend, *request, context);
  progress->finish();
  if (!profile) return print_error(profile.error());

  const Status printed = print_report(settings, *profile);
  const Status written = write_files(settings, *profile);
  if (!printed) return print_error(printed.error());
  if (!written) return print_error(written.error());
  return profile->partial ? static_cast<int>(ErrorCode::interrupted) : 0;
}

}  // namespace trtprof::cli
