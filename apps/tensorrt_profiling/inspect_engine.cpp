#include "inspect_engine.h"

#include <memory>

#include <fmt/format.h>

#include "backend_choice.h"
#include "engine_source.h"
#include "messages.h"
#include "trtprof/base/text.h"
#include "trtprof/cost/fusion_report.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/shape_inference.h"

namespace trtprof::cli {
namespace {

EngineHistory history_of(const EngineFile& engine) {
  const EngineRecord& record = *engine.record;
  EngineHistory history;
  history.record = sidecar_path(engine.path).string();
  history.builder = record.builder.name;
  history.builder_version = record.builder.version;
  history.device = record.builder.device;
  history.compute_capability = record.builder.compute_capability;
  history.seconds = record.builder.seconds;
  history.finished_at = record.tool.finished_at;
  history.model_path = record.model.path;
  history.model_sha256 = record.model.sha256;
  history.options = describe_options(record.options);
  history.warnings = record.builder.warnings;
  return history;
}

std::string sentence(const Error& error) {
  std::string hint = error.hint;
  if (hint.empty()) return error.message + '.';
  if (hint.front() >= 'a' && hint.front() <= 'z') hint.front() = static_cast<char>(hint.front() - 'a' + 'A');
  return fmt::format("{}. {}{}", error.message, hint, hint.ends_with('.') ? "" : ".");
}

// Fails with the reason why nothing of its inside can be seen.
Status look_inside(const Settings& settings, const EngineFile& engine, const EngineModel& model,
                   EngineInspection& inspection) {
  const auto backend = open_engine_backend(settings.backend, engine);
  if (!backend) return forward_error(backend);
  ModelSource source;
  if (model.model) source = {model.model->path(), model.model->graph()};
  source.engine = engine.path;
  auto shapes = engine_shapes(settings.shapes, engine, source.graph);
  if (!shapes) return forward_error(shapes);
  auto refit = find_refit_source(engine, model, settings.refit_from);
  if (!refit) return forward_error(refit);
  if (!refit->doubt.empty()) inspection.warnings.push_back(refit->doubt);
  CompileOptions options;
  options.device = settings.device;
  options.shapes = std::move(shapes->shapes);
  options.shape_values = std::move(shapes->values);
  options.refit_from = std::move(refit->model);
  if (engine.record) options.version_compatible = engine.version_compatible();
  options.plugins = settings.plugins;
  options.allow_engine_code = settings.allow_engine_code;
  print_verbose("loading the engine");
  const auto compiled = (*backend)->compile(source, options);
  if (!compiled) return forward_error(compiled);
  inspection.inputs = (*compiled)->inputs();
  inspection.outputs = (*compiled)->outputs();
  const auto layers = (*compiled)->layers();
  if (!layers) {
    inspection.unseen.push_back("Layers: " + sentence(layers.error()));
  } else {
    inspection.fusion = fusion_report(source.graph, tensor_table(source.graph), *layers);
  }
  for (const std::string& note : (*compiled)->notes()) inspection.notes.push_back(note);
  for (const std::string& warning : (*compiled)->warnings()) inspection.warnings.push_back(warning);
  return {};
}

}  // namespace

Result<EngineInspection> inspect_engine(const Settings& settings) {
  const std::string& path = settings.operands.at(0);
  const auto engine = read_engine_file(path);
  if (!engine) return forward_error(engine);
  const auto model = find_engine_model(*engine, settings.model);
  if (!model) return forward_error(model);

  EngineInspection inspection;
  inspection.path = path;
  inspection.file_bytes = engine->header.file_bytes;
  inspection.sha256 = engine->sha256;
  inspection.flavour = to_string(engine->header.flavour);
  inspection.version = to_string(engine->header.version);
  if (engine->record) inspection.history = history_of(*engine);
  for (const std::string& doubt : {engine->record_doubt, model->doubt}) {
    if (!doubt.empty()) inspection.warnings.push_back(doubt);
  }
  const Status seen = look_inside(settings, *engine, *model, inspection);
  if (seen) {
    inspection.notes.insert(inspection.notes.begin(), model->note);
  } else if (seen.error().code == ErrorCode::usage) {
    return forward_error(seen);
  } else {
    inspection.unseen.push_back("Inputs, outputs, layers and what was fused: " + sentence(seen.error()));
  }
  return inspection;
}

}  // namespace trtprof::cli
