#include "trtprof/optimize/calibrate/calibration.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/calibrate/activation_histogram.h"
#include "trtprof/optimize/calibrate/calibration_warnings.h"
#include "trtprof/optimize/calibrate/threshold.h"
#include "trtprof/optimize/watch_values.h"

namespace trtprof {
namespace {

constexpr auto kMethods = std::to_array<std::pair<CalibrationMethod, std::string_view>>({
    {CalibrationMethod::min_max, "min-max"},
    {CalibrationMethod::percentile, "percentile"},
    {CalibrationMethod::entropy, "entropy"},
    {CalibrationMethod::mse, "mse"},
});

using Histograms = std::unordered_map<std::string, ActivationHistogram>;

// Of all that could be watched, those that are wanted.
Result<WatchableValues> chosen_values(const OnnxModel& model, const BoundShapes& shapes,
                                      std::span<const std::string> values) {
  const auto known = watchable_values(model, shapes);
  if (!known) return forward_error(known);
  WatchableValues chosen;
  std::unordered_map<std::string_view, bool> wanted;  // and whether it was found
  for (const std::string& name : values) wanted.emplace(name, false);
  const auto choose = [&](const std::vector<WatchedValue>& from, std::vector<WatchedValue>& to) {
    for (const WatchedValue& value : from) {
      const auto found = wanted.find(value.name);
      if (found == wanted.end()) continue;
      found->second = true;
      to.push_back(value);
    }
  };
  choose(known->inputs, chosen.inputs);
  choose(known->computed, chosen.computed);
  for (const std::string& name : values) {
    if (wanted.at(name)) continue;
    return fail(fmt::format("the main graph makes no value '{}' in f32 that could be calibrated", printable(name)));
  }
  return chosen;
}

std::span<const float> floats_of(const Tensor& tensor, std::vector<float>& aligned) {
  aligned.resize(tensor.data.size() / sizeof(float));
  std::copy_n(tensor.data.begin(), aligned.size() * sizeof(float), std::as_writable_bytes(std::span(aligned)).begin());
  return aligned;
}

double threshold_of(const ActivationHistogram& histogram, const CalibrationOptions& options) {
  const int steps = options.unsigned_activations && histogram.min() >= 0.0 ? kUint8Steps : kInt8Steps;
  switch (options.method) {
    case CalibrationMethod::min_max:
      return min_max_threshold(histogram);
    case CalibrationMethod::percentile:
      return percentile_threshold(histogram, options.percentile);
    case CalibrationMethod::mse:
      return mse_threshold(histogram, steps);
    case CalibrationMethod::entropy:
      break;
  }
  return entropy_threshold(histogram, steps);
}

CalibratedValue calibrated(const ActivationHistogram& histogram, const CalibrationOptions& options) {
  CalibratedValue value;
  value.threshold = threshold_of(histogram, options);
  value.min = histogram.min();
  value.max = histogram.max();
  value.seen = histogram.count();
  value.not_finite = histogram.not_finite();
  value.clipped = histogram.share_above(value.threshold);
  return value;
}

}  // namespace

std::string_view to_string(CalibrationMethod method) {
  return std::ranges::find(kMethods, method, &decltype(kMethods)::value_type::first)->second;
}

std::optional<CalibrationMethod> calibration_method_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kMethods, name, &decltype(kMethods)::value_type::second);
  return found == kMethods.end() ? std::nullopt : std::optional(found->first);
}

Result<std::string> sha256_of_model(const OnnxModel& model) {
  std::string bytes;
  if (!model.proto().SerializeToString(&bytes)) return fail("the model is too large to be told apart from others");
  if (model.has_external_data()) {
    const auto info = model.info();
    if (!info) return forward_error(info);
    bytes += info->sha256;
  }
  return sha256_of(bytes);
}

Result<Calibration> calibrate(Backend& backend, const OnnxModel& model, const BoundShapes& shapes, std::size_t count,
                              const InputSource& inputs, std::span<const std::string> values,
                              const CalibrationOptions& options, Progress& progress, const StopFlag& stop) {
  const auto chosen = chosen_values(model, shapes, values);
  if (!chosen) return forward_error(chosen);
  auto sha256 = sha256_of_model(model);
  if (!sha256) return forward_error(sha256);
  Histograms histograms;
  std::vector<float> aligned;
  progress.phase("calibrating");
  const auto runs =
      watch_values(backend, model, shapes, count, inputs, *chosen, {options.device, options.watched_bytes}, progress,
                   stop, [&](const std::string& name, const Tensor& tensor) {
                     if (tensor.type == ElementType::f32) histograms[name].add(floats_of(tensor, aligned));
                   });
  progress.finish();
  if (!runs) return forward_error(runs);
  Calibration calibration;
  calibration.method = options.method;
  if (options.method == CalibrationMethod::percentile) calibration.percentile = options.percentile;
  calibration.unsigned_activations = options.unsigned_activations;
  calibration.data = options.data;
  calibration.inferences = count;
  calibration.samples = options.samples;
  calibration.model_sha256 = *std::move(sha256);
  for (const auto& [name, histogram] : histograms) calibration.values.emplace(name, calibrated(histogram, options));
  calibration.warnings = calibration_warnings(calibration, options.random_data);
  return calibration;
}

}  // namespace trtprof
