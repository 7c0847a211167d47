#include "quantize_run.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "calibration_feed.h"
#include "calibration_run.h"
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
  std::error_code error;
  if (!cache || !std::filesystem::exists(*cache, error)) return CacheAlone{};
  const auto text = read_file(*cache);
  if (!text) return forward_error(text);
  if (!calibration_path(settings)) {
    return CacheAlone{true, true,
                      "there is no data beside the calibration cache: nothing was equalised, no bias corrected"};
  }
  if (!is_tensorrt_cache(*text)) return CacheAlone{};
  return CacheAlone{true, false, "TensorRT's cache is of the model as it was given: nothing was equalised"};
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
  options.half_scales = wanted_half(settings) == HalfType::f16;
  return options;
}

Result<PreparedQuantization> prepare_quantization(const Settings& settings, const OnnxModel& model, Backend& backend,
                                                  const BoundShapes& shapes) {
  PreparedQuantization prepared{model.clone(), {}, {}};
  auto feed = calibration_feed(settings, prepared.model, shapes);
  if (!feed) return forward_error(feed);
  const auto alone = check_cache(settings);
  if (!alone) return forward_error(alone);
  const bool equalizes = settings.quantize.equalize && !alone->keeps_weights;
  const bool corrects = settings.quantize.correct_biases && !alone->keeps_biases;
  if (equalizes != settings.quantize.equalize || corrects != settings.quantize.correct_biases) {
    prepared.done.notes.push_back(alone->note);
  }
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  const std::size_t few = feed->count_of(kChannelSamples);
  if (equalizes) {
    progress->phase("equalising channels");
    auto equalized = equalize(backend, prepared.model, shapes, few, feed->source(), interrupt.flag());
    if (!equalized) return forward_error(equalized);
    prepared.done.equalization = *std::move(equalized);
  }
  const QuantizeOptions options = quantize_options(settings);
  const auto values = values_to_calibrate(prepared.model, options);
  if (!values) return forward_error(values);
  auto calibration = calibration_of(settings, backend, prepared.model, shapes, *values, options.unsigned_activations);
  if (!calibration) return forward_error(calibration);
  prepared.calibration = *std::move(calibration);
  // Now, so that a calibration that is kept serves int8 and int8+f16 alike.
  if (const Status raised = raise(prepared.model, settings, prepared.done); !raised) return forward_error(raised);
  if (corrects) {
    progress->phase("correcting biases");
    auto corrected = find_bias_shifts(backend, prepared.model, prepared.calibration, options, shapes, few,
                                      feed->source(), interrupt.flag());
    if (!corrected) return forward_error(corrected);
    prepared.done.biases = *std::move(corrected);
  }
  progress->finish();
  prepared.done.calibration = prepared.calibration;
  return prepared;
}

Result<QuantizedModel> quantized(const PreparedQuantization& prepared, const QuantizeOptions& options) {
  const BiasShifts none;
  const BiasShifts& shifts = prepared.done.biases ? prepared.done.biases->shifts : none;
  return quantize_with_shifts(prepared.model, prepared.calibration, shifts, options);
}

}  // namespace trtprof::cli
