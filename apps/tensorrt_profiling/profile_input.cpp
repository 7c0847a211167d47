#include "profile_input.h"

#include <array>

#include <fmt/format.h>

#include "engine_source.h"
#include "messages.h"
#include "trtprof/base/text.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/model/shape_inputs.h"

namespace trtprof::cli {
namespace {

constexpr std::array kBuildOptions = {"--weak",      "--calibration",        "--calibration-data",
                                      "--no-tf32",   "--optimization-level", "--calibration-cache",
                                      "--workspace", "--profiling-verbosity"};
constexpr std::array kLaunchOptions = {"--no-graph", "--no-overlap", "--no-transfers", "--sync-transfers",
                                       "--pageable", "--cold-l2",    "--spin"};

template <class Options>
std::optional<std::string_view> first_given(const Settings& settings, const Options& options) {
  for (const std::string_view option : options) {
    if (settings.was_given(option)) return option;
  }
  return std::nullopt;
}

Result<ProfileInput> read_model(const Settings& settings) {
  const std::string& path = settings.operands.at(0);
  if (settings.model) return usage_error("--model is for engines, and tells which model one was built from");
  if (settings.refit_from) return usage_error("--refit-from is for engines, and a model has its weights");
  const Result<OnnxModel> model = OnnxModel::load(path);
  if (!model) return forward_error(model);
  for (const std::string& warning : model->warnings()) print_verbose(warning);
  ProfileInput input;
  input.source = {path, model->graph()};
  auto info = model->info();
  if (!info) return forward_error(info);
  input.info = std::move(*info);
  ShapeRequest request = settings.shapes;
  auto values = take_shape_values(input.source.graph, request);
  if (!values) return forward_error(values);
  input.shape_values = std::move(*values);
  auto shapes = bind_shapes(input.source.graph, request);
  if (!shapes) return forward_error(shapes);
  input.shapes = std::move(*shapes);
  return input;
}

// Of the model what it has, but the file is the engine.
ModelInfo describe(const EngineFile& engine, const EngineModel& model, const std::string& path) {
  ModelInfo info = model.info;
  info.path = path;
  info.format = "tensorrt-engine";
  info.sha256 = engine.sha256;
  info.file_bytes = engine.header.file_bytes;
  return info;
}

std::string built_note(const EngineRecord& record) {
  return fmt::format("Engine: built by {} {}{}, from {} (sha256 {}).", printable(record.builder.name),
                     printable(record.builder.version),
                     record.builder.device.empty() ? "" : " on " + printable(record.builder.device),
                     printable(record.model.path), printable(record.model.sha256.substr(0, 12)));
}

Result<ProfileInput> read_engine(const Settings& settings) {
  const std::string& path = settings.operands.at(0);
  if (const auto option = first_given(settings, kBuildOptions)) {
    return usage_error(fmt::format("{} is for building, and {} is an engine already", *option, printable(path)),
                       "build it again from its model");
  }
  if (settings.was_given("--precision")) {
    return usage_error(
        fmt::format("--precision: {} is an engine, whose precision was chosen when it was built", printable(path)));
  }
  auto engine = read_engine_file(path);
  if (!engine) return forward_error(engine);
  auto model = find_engine_model(*engine, settings.model);
  if (!model) return forward_error(model);
  auto refit = find_refit_source(*engine, *model, settings.refit_from);
  if (!refit) return forward_error(refit);
  ProfileInput input;
  input.refit_from = std::move(refit->model);
  if (model->model) input.source = {model->model->path(), model->model->graph()};
  input.source.engine = path;
  input.info = describe(*engine, *model, path);
  auto shapes = engine_shapes(settings.shapes, *engine, input.source.graph);
  if (!shapes) return forward_error(shapes);
  input.shapes = std::move(shapes->shapes);
  input.shape_values = std::move(shapes->values);
  if (engine->record) input.remarks.notes.push_back(built_note(*engine->record));
  input.remarks.notes.push_back(model->note);
  for (const std::string& doubt : {engine->record_doubt, model->doubt, refit->doubt}) {
    if (!doubt.empty()) input.remarks.warnings.push_back(doubt);
  }
  input.engine = std::move(*engine);
  return input;
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

std::vector<std::string> input_names(const ProfileInput& input) {
  std::vector<std::string> names;
  names.reserve(input.source.graph.inputs.size());
  for (const ValueInfo& value : input.source.graph.inputs) names.push_back(value.name);
  if (!names.empty()) return names;
  for (const auto& [name, shape] : input.shapes) names.push_back(name);  // of an engine whose model is not at hand
  return names;
}

}  // namespace

Result<ProfileInput> read_profile_input(const Settings& settings) {
  const std::string& path = settings.operands.at(0);
  const Result<FileKind> kind = detect_file_kind(path);
  if (!kind) return forward_error(kind);
  switch (*kind) {
    case FileKind::tensorrt_engine:
    case FileKind::tensorrt_rtx_engine:
      return read_engine(settings);
    case FileKind::profile_json:
      return usage_error(fmt::format("{} is a saved profile, and 'profile' measures models", printable(path)),
                         "give the model that was profiled");
    case FileKind::onnx_model:
    case FileKind::unknown:
      break;  // OnnxModel::load says what is wrong with it
  }
  return read_model(settings);
}

Status check_fits(const Settings& settings, const ProfileInput& input, const Backend& backend) {
  if (backend.builds_engines()) {
    if (!input.engine && settings.was_given("--precision")) {
      return usage_error(
          fmt::format("--precision: the {} backend computes in the types that the model has", backend.name()),
          "--weak fp16 lets TensorRT 10 choose; later versions want another model");
    }
    return {};
  }
  auto option = first_given(settings, kBuildOptions);
  if (!option) option = first_given(settings, kLaunchOptions);
  for (const std::string_view other : {"--plugin", "--lock-clocks"}) {
    if (!option && settings.was_given(other)) option = other;
  }
  if (!option && !input.shape_values.empty()) {
    return usage_error(fmt::format("--shape: input '{}' holds a shape, whose values are asked for by engines on a GPU; "
                                   "to the {} backend it is an input like others",
                                   printable(input.shape_values.begin()->first), backend.name()),
                       "--input feeds it");
  }
  if (!option) return {};
  return usage_error(
      fmt::format("{} is for engines on a GPU, and the {} backend would run this", *option, backend.name()),
      "--backend tensorrt says why that cannot be used");
}

Result<ProfileRequest> make_profile_request(const Settings& settings, const ProfileInput& input) {
  ProfileRequest request;
  request.source = input.source;
  request.info = input.info;
  request.compile.device = settings.device;
  request.compile.shapes = input.shapes;
  request.compile.hint = settings.hint;
  request.compile.threads = settings.threads;
  request.compile.streams = settings.streams;
  request.compile.precision = settings.precision;
  request.compile.launch = settings.launch;
  request.compile.plugins = settings.plugins;
  request.compile.allow_engine_code = settings.allow_engine_code;
  request.compile.refit_from = input.refit_from;
  request.compile.shape_values = input.shape_values;
  if (input.engine && input.engine->record) request.compile.version_compatible = input.engine->version_compatible();
  auto inputs = load_inputs(settings.inputs, input_names(input));
  if (!inputs) return forward_error(inputs);
  request.inputs = std::move(*inputs);
  request.end_to_end = measure_options(request.end_to_end, settings);
  request.layers = measure_options(request.layers, settings);
  request.traced = measure_options(request.traced, settings);
  request.seed = settings.seed;
  request.telemetry.on = settings.telemetry;
  request.telemetry.period_seconds = settings.telemetry_period;
  request.environment = describe_environment(settings.command_line);
  request.machine.notes.insert(request.machine.notes.end(), input.remarks.notes.begin(), input.remarks.notes.end());
  request.machine.warnings.insert(request.machine.warnings.end(), input.remarks.warnings.begin(),
                                  input.remarks.warnings.end());
  return request;
}

}  // namespace trtprof::cli
