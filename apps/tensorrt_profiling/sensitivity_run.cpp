#include "sensitivity_run.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/precision/quantized_ranges.h"
#include "trtprof/optimize/sensitivity/trial_scorer.h"

namespace trtprof::cli {
namespace {

constexpr std::size_t kRandomSamples = 64;  // as `accuracy` takes

Status check_runs(const SensitivityInput& input) {
  if (input.backend == nullptr || input.shapes.empty()) {
    return usage_error("--sensitivity and --auto-keep run the model, which --no-check and open shapes do not allow");
  }
  return {};
}

std::vector<TensorDesc> inputs_of(const SensitivityInput& input) {
  std::vector<TensorDesc> inputs;
  for (const ValueInfo& value : input.model.graph().inputs) {
    const auto shape = input.shapes.find(value.name);
    if (shape == input.shapes.end()) continue;
    TensorDesc& desc = inputs.emplace_back();
    desc.name = value.name;
    desc.element_type = to_string(value.type);
    desc.shape = shape->second;
  }
  return inputs;
}

// --device names one of where the result is launched; the trials run there where it is the same backend.
std::string device_for(Backend& backend, const std::string& asked) {
  const auto probed = backend.probe();
  const bool has = probed && std::ranges::find(probed->devices, asked, &DeviceInfo::id) != probed->devices.end();
  return has ? asked : "";
}

// Of the trials. What is no sample of the data that is run later is said: it was chosen for these.
void describe(SensitivityDone& done, const SensitivityInput& input, const DataSet& data, const TrialScorer& scorer) {
  const Settings& settings = input.settings;
  const Environment environment = scorer.environment();
  done.engine = fmt::format("{} {}", environment.engine_name,
                            environment.engine_version.substr(0, environment.engine_version.find('-')));
  done.device = environment.device_name;
  done.data = input.data ? settings.accuracy.data->string() : fmt::format("random inputs (seed {})", settings.seed);
  done.data_samples = data.size();
  for (const GroupSensitivity& found : done.report.ranking) {
    if (found.score) done.ranking_samples = std::max(done.ranking_samples, found.score->samples);
  }
  if (input.pruned && !done.report.ranking.empty()) {
    done.report.notes.emplace_back(
        "each group alone is compared with the pruned model, all of them together with the given one");
  }
  if (!done.report.kept.empty()) {
    done.report.notes.emplace_back(
        "what is left out was chosen on the samples that the gates are judged on: judge the result on others, too");
  }
}

}  // namespace

Status check_sensitivity(const Settings& settings) {
  if (!settings.sensitivity.find_kept || settings.accuracy.max_drop || settings.accuracy.min_agreement) return {};
  return usage_error("--auto-keep needs to know what has to hold", "give --max-drop or --min-agreement");
}

bool wants_sensitivity(const Settings& settings) {
  return settings.sensitivity.rank || settings.sensitivity.find_kept;
}

Result<SensitivityDone> find_sensitive(const SensitivityInput& input, std::vector<PrecisionGroup> groups,
                                       const MakeModel& make) {
  const Settings& settings = input.settings;
  if (const Status good = check_runs(input); !good) return forward_error(good);
  std::optional<DataSet> random;
  if (!input.data) {
    const auto samples = static_cast<std::size_t>(settings.accuracy.samples.value_or(kRandomSamples));
    random = DataSet::random(inputs_of(input), samples, settings.seed);
    print_warning("--sensitivity without --data: which layers lose most on noise is not which do on data");
  }
  const DataSet& data = input.data ? *input.data : *random;
  ScorerOptions scoring;
  scoring.accuracy = {settings.accuracy.class_axis, settings.accuracy.label_output};
  if (!settings.sensitivity.precision.empty()) scoring.trial_precision = settings.sensitivity.precision;
  scoring.device = device_for(*input.backend, settings.device);
  const auto given = OnnxModel::load(settings.operands.at(0));
  if (!given) return forward_error(given);
  auto scorer = TrialScorer::create(*input.backend, *given, input.shapes, data, scoring);
  if (!scorer) return forward_error(scorer);
  auto before = scorer;
  if (input.pruned) before = TrialScorer::create(*input.backend, input.model, input.shapes, data, scoring);
  if (!before) return forward_error(before);
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  const SensitivityTask task{std::move(groups), make, [&](const OnnxModel& trial, std::optional<std::size_t> samples) {
                               return (samples ? before : scorer)->score(trial, samples, interrupt.flag());
                             }};
  SensitivityOptions options;
  options.rank = settings.sensitivity.rank;
  options.find_kept = settings.sensitivity.find_kept;
  options.gates = {settings.accuracy.min_agreement, settings.accuracy.max_drop};
  options.ranking_samples = static_cast<std::size_t>(settings.sensitivity.samples);
  options.budget = settings.sensitivity.budget;
  auto report = measure_sensitivity(task, options, *progress, interrupt.flag());
  if (!report) return forward_error(report);
  SensitivityDone done{*std::move(report), settings.precision, options.gates};
  describe(done, input, data, *scorer);
  return done;
}

Result<SensitivityDone> find_sensitive(const SensitivityInput& input, PrecisionOptions& options) {
  const auto whole = convert_precision(input.model, options);
  if (!whole) return forward_error(whole);
  const auto make = [&](std::span<const std::string> kept) -> Result<OnnxModel> {
    PrecisionOptions trial = options;
    trial.blocked_nodes.insert(trial.blocked_nodes.end(), kept.begin(), kept.end());
    auto converted = convert_precision(input.model, trial);
    if (!converted) return forward_error(converted);
    return std::move(converted->model);
  };
  auto done = find_sensitive(input, groups_by_fusion(input.model.graph(), whole->report.converted), make);
  if (!done) return done;
  for (std::string& node : done->report.kept_nodes()) options.blocked_nodes.push_back(std::move(node));
  return done;
}

Result<SensitivityDone> find_sensitive(const SensitivityInput& input, const PreparedQuantization& prepared,
                                       QuantizeOptions& options, const std::optional<PrecisionOptions>& half) {
  const auto whole = quantized(prepared, options);
  if (!whole) return forward_error(whole);
  std::vector<std::string> names;
  for (const QuantizedNode& node : whole->report.quantized) names.push_back(node.node);
  const auto make = [&](std::span<const std::string> kept) -> Result<OnnxModel> {
    QuantizeOptions trial = options;
    trial.keep_nodes.insert(trial.keep_nodes.end(), kept.begin(), kept.end());
    auto made = quantized(prepared, trial);
    if (!made) return forward_error(made);
    if (!half) return std::move(made->model);
    PrecisionOptions rest = *half;
    rest.ranges = ranges_through_rounding(std::move(rest.ranges), made->model);
    auto converted = convert_precision(made->model, rest);
    if (!converted) return forward_error(converted);
    return std::move(converted->model);
  };
  auto done = find_sensitive(input, groups_by_fusion(prepared.model.graph(), names), make);
  if (!done) return done;
  for (std::string& node : done->report.kept_nodes()) options.keep_nodes.push_back(std::move(node));
  return done;
}

Error nothing_left(const SensitivityDone& done) {
  if (!done.report.found) {
    return {ErrorCode::gate_failed,
            fmt::format("the gates cannot be held in {}: they fail with every layer left out, too", done.precision),
            "the loss is of something else: what the passes or --prune-2-4 changed, or of data and gates"};
  }
  if (done.report.out_of_time) {
    return {ErrorCode::gate_failed,
            "the budget was over before the gates were seen to hold with fewer than all layers left out",
            "--sensitivity-budget gives it more time; --samples makes trials shorter"};
  }
  return {
      ErrorCode::gate_failed,
      fmt::format("the gates hold in {} only with every layer left out{}", done.precision,
                  done.precision.starts_with("int8") ? " of INT8" : ", which converts nothing"),
      done.precision.starts_with("int8+") ? "--precision " + done.precision.substr(5) + " is what is left of it" : ""};
}

}  // namespace trtprof::cli
