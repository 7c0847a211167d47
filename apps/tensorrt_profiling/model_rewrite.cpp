#include "model_rewrite.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "backend_choice.h"
#include "command_line.h"
#include "data_feed.h"
#include "messages.h"
#include "options.h"
#include "quantize_run.h"
#include "rewrite_accuracy.h"
#include "sensitivity_run.h"
#include "trtprof/base/text.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/pass_manager.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/quantized_ranges.h"
#include "trtprof/optimize/precision/range_analysis.h"
#include "trtprof/optimize/precision/type_check.h"

namespace trtprof::cli {
namespace {

// Of activations, for the choice of what would overflow.
struct MeasuredRanges {
  ValueRanges values;
  std::size_t inferences = 0;  // 0: they were not measured
  std::string data;
};

// What the stages hand on.
struct Work {
  explicit Work(const Settings& given) : settings(given) {}
  const Settings& settings;
  // Outlives what it made.
  std::optional<LoadedBackend> backend;
  std::optional<OnnxModel> model;
  std::optional<DataSet> data;         // of --data
  std::optional<DataSet> calibration;  // for INT8: data of the user, later random numbers where there is none
  BoundShapes shapes;                  // for the check, and for ranges
  std::optional<MeasuredRanges> ranges;
  ModelRewrite done;
};

Status check_wishes(Work& work) {
  if (const Status looked = check_sensitivity(work.settings); !looked) return looked;
  return work.settings.accuracy.data ? Status{} : check_gates(work.settings, std::nullopt);
}

Status load(Work& work) {
  const std::string& path = work.settings.operands.at(0);
  auto model = OnnxModel::load(path);
  if (!model) return forward_error(model);
  for (const std::string& warning : model->warnings()) print_warning(warning);
  auto info = model->info();
  if (!info) return forward_error(info);
  work.model = *std::move(model);
  work.done.given = *std::move(info);
  if (!work.settings.accuracy.data) return {};
  auto data = load_data(work.settings, work.model->graph().inputs);
  if (!data) return forward_error(data);
  work.data = *std::move(data);
  return check_gates(work.settings, work.data);
}

// The reference is OpenVINO on the CPU where nothing else is asked for: it runs everywhere, and in f32. So it is where
// --backend names one that runs engines, which is what the result is compared on then; where there is no OpenVINO, that
// one builds engines to look at, each in a minute.
Result<LoadedBackend> reference_backend(const Settings& settings) {
  const std::string& asked = settings.accuracy.reference_backend;
  if (!asked.empty()) return open_backend(asked);
  const bool engines = settings.backend.starts_with("tensorrt");
  if (settings.backend != "auto" && !engines) return open_backend(settings.backend);
  auto openvino = open_backend("openvino");
  if (openvino || !engines) return openvino;
  auto other = open_backend(settings.backend);
  if (other) print_verbose(fmt::format("the reference is {}: {}", settings.backend, openvino.error().message));
  return other ? std::move(other) : std::move(openvino);
}

Status open_reference(Work& work) {
  const Settings& settings = work.settings;
  auto backend = reference_backend(settings);
  const bool asked = !settings.accuracy.reference_backend.empty() ||
                     (settings.backend != "auto" && !settings.backend.starts_with("tensorrt"));
  if (backend) {
    work.backend = *std::move(backend);
  } else if (asked || settings.passes.check) {
    Error error = backend.error();
    if (!asked) error.hint += (error.hint.empty() ? "" : "; ") + std::string("--no-check does without a backend");
    return tl::unexpected(error);
  }
  const bool measures_ranges = wants_int8(settings) || (wanted_half(settings) && settings.range_inferences > 0);
  const bool judges = has_gates(settings) && settings.accuracy.of_rewrite;
  const bool runs = settings.passes.check || measures_ranges || wants_sensitivity(settings) || judges;
  if (!runs && !work.data) return {};
  ShapeRequest request = settings.shapes;
  const auto& inputs = work.model->graph().inputs;
  if (wants_int8(settings)) {
    auto data = calibration_data(settings, inputs);
    if (!data) return forward_error(data);
    work.calibration = *std::move(data);
  }
  if (const auto& data = work.data ? work.data : work.calibration) fit_shapes(request, inputs, *data);
  auto shapes = bind_shapes(work.model->graph(), request);
  if (!shapes && !runs) return {};  // what launches it says so
  if (!shapes) {
    Error error = shapes.error();
    error.hint += (error.hint.empty() ? "" : "; ") +
                  std::string(wants_int8(settings) ? "ranges for INT8 come from running the model"
                              : judges             ? "--max-drop and --min-agreement are judged by running the model"
                              : measures_ranges    ? "--no-check and --range-inferences 0 do not run the model"
                                                   : "--no-check does not run the model");
    return tl::unexpected(error);
  }
  if (!bind_shapes(work.model->graph(), settings.shapes)) work.done.shapes = *shapes;
  if (runs) work.shapes = *std::move(shapes);
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
  work.done.passes = *std::move(report);
  for (const PassStep& step : work.done.passes.steps) {
    if (!step.taken_back.empty()) print_warning(fmt::format("{} was taken back: {}", step.pass, step.taken_back));
  }
  return {};
}

// Of the weights that the passes left; before they are rounded to another type.
Status prune(Work& work) {
  if (!work.settings.prune_2_4) return {};
  auto pruned = prune_2_4(*work.model);
  if (!pruned) return forward_error(pruned);
  if (pruned->report.pruned.empty()) print_warning("--prune-2-4: there is no weight to prune");
  work.model = std::move(pruned->model);
  work.done.pruning = std::move(pruned->report);
  return {};
}

// What its values reach, on data or random inputs: which nodes would overflow. Of the model before it is quantised, so
// that trials of a search and what is made in the end rest on the same ones.
Status measure_ranges(Work& work, const OnnxModel& model) {
  const Settings& settings = work.settings;
  if (work.ranges) return {};
  work.ranges.emplace();
  if (settings.range_inferences == 0 || !work.backend || work.shapes.empty()) return {};
  const auto count = static_cast<std::size_t>(settings.range_inferences);
  Result<RangeReport> ranges = fail("");
  const bool calibrates_on_data = work.calibration && !work.calibration->is_random();
  const bool on_data = work.data || calibrates_on_data;
  if (on_data) {
    const auto feed = DataFeed::create(work.data ? *work.data : *work.calibration, model, work.shapes);
    if (!feed) return forward_error(feed);
    ranges = analyze_ranges(**work.backend, model, work.shapes, std::min(count, feed->count()), feed->source());
  } else {
    ranges = analyze_ranges_of_random(**work.backend, model, work.shapes, count, settings.seed);
  }
  if (!ranges) return forward_error(ranges);
  for (const std::string& warning : ranges->warnings) print_warning(warning);
  work.ranges = {value_ranges(*ranges), ranges->inferences,
                 on_data ? (work.data ? *settings.accuracy.data : *calibration_path(settings)).string()
                         : fmt::format("random inputs (seed {})", settings.seed)};
  return {};
}

// Without the ranges.
PrecisionOptions half_options(const Settings& settings, HalfType type) {
  PrecisionOptions options = settings.conversion;
  options.type = type;
  if (wants_int8(settings)) {  // what is kept from INT8 is what f16 is for
    options.blocked_ops.clear();
    options.blocked_nodes.clear();
  }
  return options;
}

// true: it left something to convert. Else the rest is not worth doing, but what was found is worth a report.
bool take_search(Work& work, SensitivityDone found) {
  if (found.report.leaves_nothing()) work.done.failure = nothing_left(found);
  work.done.sensitivity = std::move(found);
  return !work.done.failure;
}

SensitivityInput search_of(const Work& work) {
  return {work.settings, work.backend ? &**work.backend : nullptr,
          *work.model,   work.shapes,
          work.data,     work.done.pruning.has_value()};
}

Status quantize_model(Work& work) {
  if (!wants_int8(work.settings)) return {};
  if (!work.backend) return unavailable("--precision int8 needs a backend that runs the model on data");
  if (!work.calibration) {
    auto random = random_calibration_data(work.settings, *work.model, work.shapes);
    if (!random) return forward_error(random);
    work.calibration = *std::move(random);
  }
  const auto feed = DataFeed::create(*work.calibration, *work.model, work.shapes);
  if (!feed) return forward_error(feed);
  auto prepared = prepare_quantization({work.settings, **work.backend, *work.model, work.shapes, *feed});
  if (!prepared) return forward_error(prepared);
  QuantizeOptions options = quantize_options(work.settings);
  std::optional<PrecisionOptions> half;
  if (const auto type = wanted_half(work.settings)) {
    if (const Status measured = measure_ranges(work, prepared->model); !measured) return measured;
    half = half_options(work.settings, *type);
    half->ranges = work.ranges->values;
  }
  if (wants_sensitivity(work.settings)) {
    auto found = find_sensitive(search_of(work), *prepared, options, half);
    if (!found) return forward_error(found);
    if (!take_search(work, *std::move(found))) return {};
  }
  auto made = quantized(*prepared, options);
  if (!made) return forward_error(made);
  if (const Status any = check_quantized(made->report, work.settings.operands.at(0)); !any) return any;
  work.model = std::move(made->model);
  work.done.quantization = std::move(prepared->done);
  work.done.quantization->report = std::move(made->report);
  return {};
}

Status convert(Work& work) {
  const Settings& settings = work.settings;
  const std::optional<HalfType> type = wanted_half(settings);
  if (!type) return {};
  if (const Status measured = measure_ranges(work, *work.model); !measured) return measured;
  PrecisionOptions options = half_options(settings, *type);
  options.ranges = work.ranges->values;
  if (wants_int8(settings)) {
    options.ranges = ranges_through_rounding(std::move(options.ranges), *work.model);
  } else if (wants_sensitivity(settings)) {
    auto found = find_sensitive(search_of(work), options);
    if (!found) return forward_error(found);
    if (!take_search(work, *std::move(found))) return {};
  }
  auto converted = convert_precision(*work.model, options);
  if (!converted) return forward_error(converted);
  if (const Status types = check_converted_types(converted->model, converted->report); !types) {
    Error error = types.error();
    error.message = fmt::format("the conversion to {} does not hold: {}", settings.precision, error.message);
    return tl::unexpected(error);
  }
  work.model = std::move(converted->model);
  work.done.precision = PrecisionDone{std::move(converted->report), work.ranges->inferences, work.ranges->data};
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
  work.done.result = WrittenModel{path.string(), info->sha256, info->file_bytes};
  return {};
}

// What a search saw hold is what was written, run once more: by another engine, perhaps, and then this one counts.
void compare_with_search(ModelRewrite& done) {
  if (!done.sensitivity || !done.sensitivity->report.searched) return;
  if (done.accuracy->verdict.passed || done.accuracy->result.partial) return;
  const Environment& engine = done.accuracy->model.environment;
  done.sensitivity->report.notes.push_back(
      fmt::format("the search saw the gates hold on {}, and the result does not hold them on {} {}, which counts",
                  done.sensitivity->engine, engine.engine_name, engine.engine_version));
}

// Random inputs tell how far a conversion took the outputs; without one the passes' own check has told it. Gates are
// judged whatever else is left out: one that is not judged would pass.
Status measure_accuracy(Work& work) {
  ModelRewrite& done = work.done;
  const Settings& settings = work.settings;
  if (!settings.accuracy.of_rewrite) return {};
  const bool changed = done.pruning || done.precision || done.quantization;
  const bool wanted = done.result && (work.data || (changed && settings.passes.check));
  if (!wanted && !has_gates(settings)) return {};
  auto run = measure_rewrite({settings, *work.model, done.result, done.shapes});
  if (!run) {
    done.failure = run.error();
    return {};
  }
  done.accuracy = *std::move(run);
  compare_with_search(done);
  return {};
}

// In order; each works on what those before it left. A stage that changes the model comes before `save`.
using Stage = Status (*)(Work&);
constexpr auto kStages = std::to_array<Stage>(
    {check_wishes, load, open_reference, apply_passes, prune, quantize_model, convert, save, measure_accuracy});

}  // namespace

Result<Settings> settings_of_command(const Settings& settings, std::vector<std::string> arguments) {
  const std::vector<std::string>& words = settings.command_line;
  const std::vector<std::string> passed = passed_options(words, 2, [command = arguments.front()](const Option& option) {
    return takes(option, command) && !is_for_conversion(option) && option.name != "--json";
  });
  arguments.insert(arguments.end(), passed.begin(), passed.end());
  auto parsed = parse_command_line(arguments);
  if (!parsed) return forward_error(parsed);
  auto result = std::get<Settings>(*std::move(parsed));
  arguments.insert(arguments.begin(), words.front());
  result.command_line = std::move(arguments);
  return result;
}

Result<ModelRewrite> rewrite_model(const Settings& settings) {
  Work work(settings);
  for (const Stage stage : kStages) {
    if (const Status done = stage(work); !done) return forward_error(done);
    if (work.done.failure) break;
  }
  return std::move(work.done);
}

}  // namespace trtprof::cli
