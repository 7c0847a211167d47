#include "quantize_run.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "calibration_feed.h"
#include "calibration_run.h"
#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
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
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  const std::size_t few = feed->count_of(kChannelSamples);
  if (settings.quantize.equalize) {
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
  if (settings.quantize.correct_biases) {
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
