#include "sensitivity_run.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/optimize/sensitivity/trial_scorer.h"

namespace trtprof::cli {
namespace {

constexpr std::size_t kRandomSamples = 64;  // as `accuracy` takes

Status check_wishes(const SensitivityInput& input) {
  const Settings& settings = input.settings;
  if (settings.sensitivity.find_kept && !settings.accuracy.max_drop && !settings.accuracy.min_agreement) {
    return usage_error("--auto-keep needs to know what has to hold", "give --max-drop or --min-agreement");
  }
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

}  // namespace

bool wants_sensitivity(const Settings& settings) {
  return settings.sensitivity.rank || settings.sensitivity.find_kept;
}

Result<SensitivityDone> find_sensitive(const SensitivityInput& input, std::vector<PrecisionGroup> groups,
                                       const MakeModel& make) {
  const Settings& settings = input.settings;
  if (const Status good = check_wishes(input); !good) return forward_error(good);
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
  auto scorer = TrialScorer::create(*input.backend, input.model, input.shapes, data, scoring);
  if (!scorer) return forward_error(scorer);
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  const SensitivityTask task{std::move(groups), make, [&](const OnnxModel& trial, std::optional<std::size_t> samples) {
                               return scorer->score(trial, samples, interrupt.flag());
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
  done.data = input.data ? settings.accuracy.data->string() : fmt::format("random inputs (seed {})", settings.seed);
  done.data_samples = data.size();
  for (const GroupSensitivity& found : done.report.ranking) {
    if (found.score) done.ranking_samples = std::max(done.ranking_samples, found.score->samples);
  }
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
                                       QuantizeOptions& options) {
  const auto whole = quantized(prepared, options);
  if (!whole) return forward_error(whole);
  std::vector<std::string> names;
  for (const QuantizedNode& node : whole->report.quantized) names.push_back(node.node);
  const auto make = [&](std::span<const std::string> kept) -> Result<OnnxModel> {
    QuantizeOptions trial = options;
    trial.keep_nodes.insert(trial.keep_nodes.end(), kept.begin(), kept.end());
    auto made = quantized(prepared, trial);
    if (!made) return forward_error(made);
    return std::move(made->model);
  };
  auto done = find_sensitive(input, groups_by_fusion(prepared.model.graph(), names), make);
  if (!done) return done;
  for (std::string& node : done->report.kept_nodes()) options.keep_nodes.push_back(std::move(node));
  return done;
}

}  // namespace trtprof::cli
