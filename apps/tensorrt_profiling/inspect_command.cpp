#include <filesystem>
#include <iostream>
#include <system_error>
#include <unistd.h>
#include <unordered_map>

#include <fmt/format.h>

#include "commands.h"
#include "inspect_engine.h"
#include "messages.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/cost/inspection.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/inspection.h"

namespace trtprof::cli {
namespace {

// As inference left them; a bound input is what the user said.
std::vector<ValueInfo> as_inferred(std::vector<ValueInfo> declared, const InferredShapes& inferred,
                                   const BoundShapes& bound) {
  std::unordered_map<std::string_view, const ValueInfo*> values;
  for (const ValueInfo& value : inferred.values) values.emplace(value.name, &value);
  for (ValueInfo& value : declared) {
    if (const auto found = values.find(value.name); found != values.end()) value = *found->second;
    if (const auto found = bound.find(value.name); found != bound.end()) {
      value.shape.emplace();
      for (const std::int64_t dimension : found->second) value.shape->push_back({dimension, ""});
    }
  }
  return declared;
}

// Every input, when the user says anything of them or nothing is left to say; none otherwise, with a note of what
// would bind them.
Result<BoundShapes> bind_asked(const Graph& graph, const ShapeRequest& request, std::vector<std::string>& notes) {
  Result<BoundShapes> bound = bind_shapes(graph, request);
  const bool asked = !request.by_input.empty() || request.batch;
  if (bound || asked) return bound;
  notes.push_back(fmt::format("Input dimensions are open, and what depends on them is not known{}.",
                              bound.error().hint.empty() ? "" : "; bind them: " + bound.error().hint));
  return BoundShapes{};
}

Result<ModelInspection> inspect_model(const Settings& settings) {
  const Result<OnnxModel> model = OnnxModel::load(settings.operands.at(0));
  if (!model) return forward_error(model);
  ModelInspection inspection;
  inspection.warnings = model->warnings();
  std::vector<std::string> notes;
  const Result<BoundShapes> bound = bind_asked(model->graph(), settings.shapes, notes);
  if (!bound) return forward_error(bound);
  print_verbose("inferring shapes");
  Result<InferredShapes> inferred = infer_shapes(*model, *bound);
  if (!inferred) return forward_error(inferred);
  inspection.inputs = as_inferred(inferred->graph.inputs, *inferred, *bound);
  inspection.outputs = as_inferred(inferred->graph.outputs, *inferred, *bound);
  print_verbose("counting");
  inspection.contents = inspect_graph(inferred->graph, inferred->values, static_cast<std::size_t>(settings.largest));
  notes.insert(notes.end(), inferred->notes.begin(), inferred->notes.end());
  inspection.contents.notes.insert(inspection.contents.notes.begin(), notes.begin(), notes.end());
  print_verbose("hashing the file");
  Result<ModelInfo> info = model->info();
  if (!info) return forward_error(info);
  inspection.model = std::move(*info);
  return inspection;
}

Result<ProfileInspection> inspect_profile(const Settings& settings) {
  const std::string& path = settings.operands.at(0);
  if (!settings.shapes.by_input.empty() || settings.shapes.batch)
    return usage_error(fmt::format("{} is a saved profile: --shape and --batch are for models", printable(path)));
  Result<LoadedProfile> loaded = load_profile(path);
  if (!loaded) return forward_error(loaded);
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error) return fail(fmt::format("{}: {}", printable(path), error.message()));
  return ProfileInspection{path, bytes, std::move(loaded->profile), std::move(loaded->notes)};
}

template <class Inspection>
Status show(const Settings& settings, const Result<Inspection>& inspection) {
  if (!inspection) return forward_error(inspection);
  InspectionTextOptions options;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  write_inspection_text(std::cout, *inspection, options);
  std::cout.flush();
  Status written = settings.json ? write_file(*settings.json, inspection_to_json(*inspection)) : Status{};
  if (!std::cout) return fail("the report could not be written to standard output", "is the disk full?");
  return written;
}

Status inspect(const Settings& settings) {
  const std::string& path = settings.operands.at(0);
  if (settings.json) {
    if (Status writable = check_writable(*settings.json); !writable) return writable;
  }
  const Result<FileKind> kind = detect_file_kind(path);
  if (!kind) return forward_error(kind);
  const bool is_engine = *kind == FileKind::tensorrt_engine || *kind == FileKind::tensorrt_rtx_engine;
  for (const std::string_view option :
       {"--backend", "--device", "--model", "--refit-from", "--plugin", "--allow-engine-code"}) {
    if (!is_engine && settings.was_given(option)) {
      return usage_error(fmt::format("{} is for engines, and {} is none", option, printable(path)));
    }
  }
  switch (*kind) {
    case FileKind::tensorrt_engine:
    case FileKind::tensorrt_rtx_engine:
      return show(settings, inspect_engine(settings));
    case FileKind::profile_json:
      return show(settings, inspect_profile(settings));
    case FileKind::onnx_model:
    case FileKind::unknown:
      break;  // OnnxModel::load says what is wrong with it
  }
  return show(settings, inspect_model(settings));
}

}  // namespace

int run_inspect(const Settings& settings) {
  const Status done = inspect(settings);
  return done ? 0 : print_error(done.error());
}

}  // namespace trtprof::cli
