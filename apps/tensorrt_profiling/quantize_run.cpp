#include "quantize_run.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/base/file.h"
#include "trtprof/optimize/calibrate/tensorrt_cache.h"
#include "trtprof/optimize/precision/raise_opset.h"

namespace trtprof::cli {
namespace {

// Ranges and means of channels settle sooner than the tails that thresholds are chosen from.
constexpr std::size_t kChannelSamples = 128;

Status raise(OnnxModel& model, const Settings& settings, QuantizationDone& done) {
  const int wanted = wanted_half(settings) ? kHalfScaleOpset : kQuantizeOpset;
  const int had = opset_of(model);
  if (had >= wanted) return {};
  if (const Status raised = raise_opset(model, wanted); !raised) return raised;
  done.notes.push_back(fmt::format("operator set {} became {}, the first with {}", had, wanted,
                                   wanted == kHalfScaleOpset ? "scales in f16" : "scales by channel"));
  return {};
}

// TensorRT's cache tells thresholds of the model as TensorRT saw it: of other weights they would be wrong. And without
// data there is nothing that channels could be looked at with.
struct CacheAlone {
  bool keeps_weights = false;
  bool keeps_biases = false;
  std::string note = {};  // a sentence; empty: nothing is left out
};
Result<CacheAlone> check_cache(const Settings& settings) {
  const auto& cache = settings.calibrate.cache;
  if (!cache) return CacheAlone{};
  if (std::error_code error; !std::filesystem::exists(*cache, error)) {
    if (const Status writable = check_writable(*cache); !writable) return forward_error(writable);
    return CacheAlone{};
  }
  const auto text = read_file(*cache);
  if (!text) return forward_error(text);
  if (!calibration_path(settings)) {
    return CacheAlone{true, true,
                      "there is no data beside the calibration cache: nothing was equalised, no bias corrected"};
  }
  if (!is_tensorrt_cache(*text)) return CacheAlone{};
  return CacheAlone{true, false, "TensorRT's cache is of the model as it was given: nothing was equalised"};
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
  const auto alone = check_cache(settings);
  if (!alone) return forward_error(alone);
  const bool equalizes = settings.quantize.equalize && !alone->keeps_weights;
  const bool corrects = settings.quantize.correct_biases && !alone->keeps_biases;
  if (equalizes != settings.quantize.equalize || corrects != settings.quantize.correct_biases) {
    prepared.done.notes.push_back(alone->note);
  }
  if (equalizes) {
    if (const Status done = equalize_channels(prepared, task); !done) return forward_error(done);
  }
  const QuantizeOptions options = quantize_options(settings);
  const auto values = values_to_calibrate(prepared.model, options);
  if (!values) return forward_error(values);
  const CalibrationTask equalized{settings, task.backend, prepared.model, task.shapes, task.feed};
  auto calibration = calibration_of(equalized, *values, options.unsigned_activations);
  if (!calibration) return forward_error(calibration);
  prepared.calibration = *std::move(calibration);
  // Now, so that a calibration that is kept serves int8 and int8+f16 alike.
  if (const Status raised = raise(prepared.model, settings, prepared.done); !raised) return forward_error(raised);
  if (corrects) {
    if (const Status done = correct_biases(prepared, task, options); !done) return forward_error(done);
  }
  prepared.done.calibration = prepared.calibration;
  return prepared;
}

Result<QuantizedModel> quantized(const PreparedQuantization& prepared, const QuantizeOptions& options) {
  const BiasShifts none;
  const BiasShifts& shifts = prepared.done.biases ? prepared.done.biases->shifts : none;
  return quantize_with_shifts(prepared.model, prepared.calibration, shifts, options);
}

}  // namespace trtprof::cli
