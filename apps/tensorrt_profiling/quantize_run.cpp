#include "quantize_run.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/precision/raise_opset.h"

namespace trtprof::cli {
namespace {

constexpr std::size_t kReasonsTold = 3;
// Ranges and means of channels settle sooner than the tails that thresholds are chosen from.
constexpr std::size_t kChannelSamples = 128;

Status raise(PreparedQuantization& prepared, int wanted, std::string_view first_with) {
  const int had = opset_of(prepared.model);
  if (had >= wanted) return {};
  if (const Status raised = raise_opset(prepared.model, wanted); !raised) return raised;
  prepared.done.notes.push_back(fmt::format("operator set {} became {}, the first with {}", had, wanted, first_with));
  return {};
}

Status equalize_channels(PreparedQuantization& prepared, const CalibrationTask& task) {
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!task.settings.report.quiet, task.settings.verbose);
  progress->phase("equalising channels");
  auto equalized = equalize(task.backend, prepared.model, task.shapes, task.feed.count_of(kChannelSamples),
                            task.feed.source(), interrupt.flag());
  if (!equalized) return forward_error(equalized);
  progress->finish();
  prepared.done.equalization = *std::move(equalized);
  return {};
}

// On data of the task.
Status correct_biases(PreparedQuantization& prepared, const CalibrationTask& task, const QuantizeOptions& options) {
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!task.settings.report.quiet, task.settings.verbose);
  progress->phase("correcting biases");
  auto corrected = find_bias_shifts(task.backend, prepared.model, prepared.calibration, options, task.shapes,
                                    task.feed.count_of(kChannelSamples), task.feed.source(), interrupt.flag());
  if (!corrected) return forward_error(corrected);
  progress->finish();
  prepared.done.biases = *std::move(corrected);
  return {};
}

// What a cache tells was done to the model: the same again.
Status equalize_as_kept(PreparedQuantization& prepared, const CalibrationTask& task, const KeptCalibration& kept) {
  const ChannelFactors& factors = kept.calibration.channel_factors;
  if (factors.empty()) {
    if (task.settings.quantize.equalize) {
      prepared.done.notes.emplace_back(kept.from_tensorrt
                                           ? "TensorRT's cache is of the model as it was given: nothing was equalised"
                                           : "the calibration cache has no factors of channels: nothing was equalised");
    }
    return {};
  }
  const std::string file = printable(task.settings.calibrate.cache->string());
  if (!task.settings.quantize.equalize) {
    return fail(fmt::format("{} is a calibration of the model with its channels equalised", file),
                "leave out --no-equalization, or name another file");
  }
  auto equalized = equalize_by(prepared.model, factors);
  if (!equalized) {
    return fail(fmt::format("{} does not fit the model: {}", file, equalized.error().message), "name another file");
  }
  prepared.done.equalization = *std::move(equalized);
  return {};
}

void correct_as_kept(PreparedQuantization& prepared) {
  BiasCorrection& biases = prepared.done.biases.emplace();
  biases.shifts = prepared.calibration.bias_shifts;
  biases.corrected = biases.shifts.size();
  for (const auto& [node, shifts] : biases.shifts) {
    for (const double shift : shifts) biases.largest_shift = std::max(biases.largest_shift, std::abs(shift));
  }
}

Status calibrate_and_equalize(PreparedQuantization& prepared, const CalibrationTask& task,
                              std::span<const std::string> values, bool unsigned_activations) {
  auto sha256 = sha256_of_model(prepared.model);
  if (!sha256) return forward_error(sha256);
  if (task.settings.quantize.equalize) {
    if (const Status done = equalize_channels(prepared, task); !done) return done;
  }
  const CalibrationTask equalized{task.settings, task.backend, prepared.model, task.shapes, task.feed};
  auto calibration = calibrated_anew(equalized, values, unsigned_activations);
  if (!calibration) return forward_error(calibration);
  calibration->model_sha256 = *std::move(sha256);
  if (prepared.done.equalization) calibration->channel_factors = prepared.done.equalization->factors;
  prepared.calibration = *std::move(calibration);
  return {};
}

}  // namespace

bool wants_int8(const Settings& settings) {
  return settings.precision.starts_with("int8");
}

std::optional<HalfType> wanted_half(const Settings& settings) {
  if (settings.precision.ends_with("bf16")) return HalfType::bf16;
  if (settings.precision.ends_with("f16")) return HalfType::f16;
  return std::nullopt;
}

QuantizeOptions quantize_options(const Settings& settings) {
  QuantizeOptions options = settings.quantize.options;
  options.keep_ops = settings.conversion.blocked_ops;
  options.keep_nodes = settings.conversion.blocked_nodes;
  options.scale_type = wanted_half(settings);
  return options;
}

Result<PreparedQuantization> prepare_quantization(const CalibrationTask& task) {
  const Settings& settings = task.settings;
  PreparedQuantization prepared{task.model.clone(), {}, {}};
  // First: the version converter may give values other names, and what is calibrated goes by names.
  Status done = raise(prepared, kQuantizeOpset, "scales by channel");
  if (!done) return forward_error(done);
  const QuantizeOptions options = quantize_options(settings);
  const auto values = values_to_calibrate(prepared.model, options);
  if (!values) return forward_error(values);
  const CalibrationTask raised{settings, task.backend, prepared.model, task.shapes, task.feed};
  auto kept = kept_calibration(raised, *values, options.unsigned_activations);
  if (!kept) return forward_error(kept);
  if (*kept) {
    done = equalize_as_kept(prepared, task, **kept);
    prepared.calibration = std::move((*kept)->calibration);
  } else {
    if (settings.calibrate.cache) done = check_writable(*settings.calibrate.cache);
    if (done) done = calibrate_and_equalize(prepared, task, *values, options.unsigned_activations);
  }
  if (!done) return forward_error(done);
  // Now, so that a calibration that is kept serves int8 and int8+f16 alike.
  if (const auto half = wanted_half(settings)) {
    done = raise(prepared, kHalfScaleOpset, fmt::format("scales in {}", to_string(*half)));
    if (!done) return forward_error(done);
  }
  if (settings.quantize.correct_biases) {
    if (*kept && !prepared.calibration.bias_shifts.empty()) {
      correct_as_kept(prepared);
    } else if (*kept && task.feed.data().is_random()) {
      prepared.done.notes.emplace_back(
          "the calibration cache has no shifts of biases, and there is no data: no bias was corrected");
    } else if (done = correct_biases(prepared, task, options); !done) {
      return forward_error(done);
    }
  }
  if (!*kept) {
    if (prepared.done.biases) prepared.calibration.bias_shifts = prepared.done.biases->shifts;
    done = keep_calibration(task, prepared.calibration);
    if (!done) return forward_error(done);
  }
  prepared.done.calibration = prepared.calibration;
  return prepared;
}

Status check_quantized(const QuantizationReport& report, const std::string& model) {
  if (!report.quantized.empty()) return {};
  std::map<std::string, std::size_t> nodes;
  for (const BlockedNode& node : report.left) ++nodes[fmt::format("{}: {}", node.op_type, node.reason)];
  std::vector<std::pair<std::string, std::size_t>> reasons(nodes.begin(), nodes.end());
  std::ranges::stable_sort(reasons, std::ranges::greater(), &std::pair<std::string, std::size_t>::second);
  std::string hint = reasons.empty() ? "it has no convolution and no matrix product with weights" : "";
  for (const auto& [reason, count] : reasons | std::views::take(kReasonsTold)) {
    hint += fmt::format("{}{} of {}", hint.empty() ? "" : "; ", count, printable(reason));
  }
  return fail(fmt::format("no node of {} can be quantised", printable(model)), hint);
}

Result<QuantizedModel> quantized(const PreparedQuantization& prepared, const QuantizeOptions& options) {
  const BiasShifts none;
  const BiasShifts& shifts = prepared.done.biases ? prepared.done.biases->shifts : none;
  return quantize_with_shifts(prepared.model, prepared.calibration, shifts, options);
}

}  // namespace trtprof::cli
