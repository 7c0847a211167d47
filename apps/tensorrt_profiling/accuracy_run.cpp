#include "accuracy_run.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "backend_choice.h"
#include "cached_engine.h"
#include "interrupt.h"
#include "messages.h"
#include "profile_input.h"
#include "terminal_progress.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

constexpr std::int64_t kMostSamplesAtOnce = 16;  // where the model leaves the batch open
constexpr std::size_t kRandomSamples = 64;

struct OpenModel {
  LoadedBackend backend;                 // outlives the model
  std::unique_ptr<CompiledModel> model;  // ready to run
  AccuracySide side;
};

// Names of inputs, of an ONNX model: an engine's are known when it is loaded.
Result<std::vector<ValueInfo>> inputs_of(const std::string& path) {
  const auto kind = detect_file_kind(path);
  if (!kind) return forward_error(kind);
  if (*kind == FileKind::tensorrt_engine || *kind == FileKind::tensorrt_rtx_engine) return std::vector<ValueInfo>{};
  const auto model = OnnxModel::load(path);
  if (!model) return forward_error(model);
  return model->graph().inputs;
}

// `precision`: what the engine computes in where it can choose; "": its own choice.
Result<OpenModel> open(const Settings& settings, const std::string& precision, Progress& progress,
                       const StopFlag& stop) {
  auto input = read_profile_input(settings);
  if (!input) return forward_error(input);
  auto backend = input->engine ? open_engine_backend(settings.backend, *input->engine) : open_backend(settings.backend);
  if (!backend) return forward_error(backend);
  auto request = make_profile_request(settings, *input);
  if (!request) return forward_error(request);
  request->compile.precision = (*backend)->builds_engines() ? "" : precision;
  if ((*backend)->builds_engines() && request->source.engine.empty()) {
    const Status ready = use_cached_engine(settings, **backend, *request, progress, stop);
    if (!ready) return forward_error(ready);
  }
  auto model = (*backend)->compile(request->source, request->compile);
  if (!model) return forward_error(model);
  AccuracySide side{request->info, {}};
  (*model)->describe(side.environment);
  for (const std::string& warning : (*model)->warnings()) print_warning(warning);
  return OpenModel{*std::move(backend), *std::move(model), std::move(side)};
}

class AccuracyMeasurement {
 public:
  AccuracyMeasurement(const Settings& settings, const AccuracyRunOptions& options)
      : settings_(settings), reference_(settings), options_(options) {
    if (settings.against) reference_.operands = {settings.against->string()};
    reference_.model.reset();
    if (!settings.accuracy.reference_backend.empty()) reference_.backend = settings.accuracy.reference_backend;
    // Of another model the answers are wanted as its own types make them; of the same one, as the engine likes it.
    model_precision_ = settings.precision.empty() && settings.against ? "model" : settings.precision;
    const std::string& asked = settings.accuracy.reference_precision;
    reference_precision_ = asked.empty() ? "f32" : asked;
  }

  Result<AccuracyRun> run() {
    const InterruptScope interrupt;
    const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
    std::optional<DataSet> data;
    if (const Status read = read_data(data); !read) return forward_error(read);
    if (const Status judged = check_gates(settings_, data); !judged) return forward_error(judged);
    auto model = open(settings_, model_precision_, *progress, interrupt.flag());
    if (!model) return forward_error(model);
    auto reference = open(reference_, reference_precision_, *progress, interrupt.flag());
    if (!reference) return forward_error(reference);
    if (const Status differ = check_differ(model->side, reference->side); !differ) return forward_error(differ);
    if (!data) {
      data = DataSet::random(reference->model->inputs(),
                             static_cast<std::size_t>(settings_.accuracy.samples.value_or(kRandomSamples)),
                             settings_.seed);
    }
    const AccuracyOptions options{settings_.accuracy.class_axis, settings_.accuracy.label_output};
    auto result = measure_accuracy(*reference->model, *model->model, *data, options, *progress, interrupt.flag());
    progress->finish();
    if (!result) return forward_error(result);
    const AccuracyGates gates{settings_.accuracy.min_agreement, settings_.accuracy.max_drop};
    auto verdict = judge(*result, gates);
    if (!verdict) return forward_error(verdict);
    return AccuracyRun{
        *std::move(result),         gates,
        *std::move(verdict),        std::move(model->side),
        std::move(reference->side), {settings_.accuracy.data ? settings_.accuracy.data->string() : "", settings_.seed}};
  }

 private:
  Status read_data(std::optional<DataSet>& data) {
    const auto inputs = inputs_of(settings_.operands.at(0));
    if (!inputs) return forward_error(inputs);
    const auto of_reference = inputs_of(reference_.operands.at(0));
    if (!of_reference) return forward_error(of_reference);
    if (!settings_.accuracy.data) return {};
    if (inputs->empty() && of_reference->empty()) {
      return usage_error("--data: two engines do not tell which inputs a data set is to have",
                         "compare an engine with its model (--against)");
    }
    auto loaded = load_data(settings_, inputs->empty() ? *of_reference : *inputs);
    if (!loaded) return forward_error(loaded);
    fit_shapes(settings_.shapes, *inputs, *loaded);
    fit_shapes(reference_.shapes, *of_reference, *loaded);
    data = *std::move(loaded);
    return {};
  }

  [[nodiscard]] Status check_differ(const AccuracySide& model, const AccuracySide& reference) const {
    const bool same = model.model.sha256 == reference.model.sha256 &&
                      model.environment.backend == reference.environment.backend &&
                      model.environment.precision == reference.environment.precision;
    if (!same || options_.may_be_same) return {};
    return usage_error(fmt::format("{} is compared with itself: same file, same backend, same precision",
                                   printable(settings_.operands.at(0))),
                       "--against names another model, --precision or --reference-backend makes a difference");
  }

  Settings settings_;
  Settings reference_;
  AccuracyRunOptions options_;
  std::string model_precision_;
  std::string reference_precision_;
};

}  // namespace

Result<AccuracyRun> measure_accuracy_of(const Settings& settings, const AccuracyRunOptions& options) {
  return AccuracyMeasurement(settings, options).run();
}

Status check_gates(const Settings& settings, const std::optional<DataSet>& data) {
  if (!settings.accuracy.max_drop) return {};
  if (!data) {
    return usage_error("--max-drop is about the answers to labelled data, and there is no --data",
                       "--min-agreement needs no labels");
  }
  if (data->labels()) return {};
  return usage_error(fmt::format("--max-drop: {} has no labels", printable(settings.accuracy.data->string())),
                     "an array 'labels' holds a whole number for each sample; --min-agreement needs none");
}

Result<DataSet> load_data(const Settings& settings, const std::vector<ValueInfo>& inputs) {
  std::vector<std::string> names;
  names.reserve(inputs.size());
  for (const ValueInfo& input : inputs) names.push_back(input.name);
  auto loaded = DataSet::load(*settings.accuracy.data, names, settings.accuracy.preprocess);
  if (loaded && settings.accuracy.samples) loaded->limit(static_cast<std::size_t>(*settings.accuracy.samples));
  return loaded;
}

void fit_shapes(ShapeRequest& request, const std::vector<ValueInfo>& inputs, const DataSet& data) {
  const std::int64_t batch =
      request.batch.value_or(std::min<std::int64_t>(kMostSamplesAtOnce, static_cast<std::int64_t>(data.size())));
  bool fitted = false;
  for (const ValueInfo& input : inputs) {
    const auto sample = data.sample_shape(input.name);
    const bool open =
        !input.shape || std::ranges::any_of(*input.shape, [](const Dimension& each) { return !each.value; });
    const bool said = request.by_input.contains(input.name) || request.by_input.contains("");
    if (!sample || !open || said) continue;
    const auto fixed = input.shape && !input.shape->empty() ? input.shape->front().value : std::nullopt;
    std::vector<std::int64_t> shape = {fixed.value_or(batch)};
    shape.insert(shape.end(), sample->begin(), sample->end());
    request.by_input[input.name] = std::move(shape);
    fitted = true;
  }
  if (fitted) request.batch.reset();  // it is in the shapes now
}

}  // namespace trtprof::cli
