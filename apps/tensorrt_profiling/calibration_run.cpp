#include "calibration_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

// TensorRT's developer guide calls about 500 images enough for ImageNet; NNCF takes 300.
constexpr std::size_t kMostSamples = 512;
constexpr std::size_t kRandomSamples = 32;

std::optional<std::filesystem::path> path_of_data(const Settings& settings) {
  return settings.calibrate.data ? settings.calibrate.data : settings.accuracy.data;
}

// In the shapes that the model runs in.
Result<std::vector<TensorDesc>> described_inputs(const OnnxModel& model, const BoundShapes& shapes) {
  auto info = model.info();
  if (!info) return forward_error(info);
  for (TensorDesc& input : info->inputs) {
    const auto shape = shapes.find(input.name);
    if (shape != shapes.end()) input.shape = shape->second;
  }
  return std::move(info->inputs);
}

// How samples lie in inferences. The last inference begins early enough to be full, so that no sample is fed twice but
// those that two inferences share.
struct Batches {
  std::size_t samples = 0;
  std::size_t batch = 1;
  [[nodiscard]] std::size_t count() const { return (samples + batch - 1) / batch; }
  [[nodiscard]] std::size_t first(std::size_t index) const {
    return samples < batch ? 0 : std::min(index * batch, samples - batch);
  }
};

Result<Batches> batches_of(const DataSet& data, const std::vector<TensorDesc>& inputs) {
  Batches batches{data.size(), 1};
  std::optional<std::int64_t> batch;
  for (const TensorDesc& input : inputs) {
    if (input.shape.empty()) continue;
    if (batch && *batch != input.shape.front()) {
      return fail("the inputs have different leading dimensions, so that calibration cannot tell the batch");
    }
    batch = input.shape.front();
  }
  batches.batch = static_cast<std::size_t>(std::max<std::int64_t>(batch.value_or(1), 1));
  return batches;
}

Result<Calibration> calibrate_on(const DataSet& data, const Settings& settings, Backend& backend,
                                 const OnnxModel& model, const BoundShapes& shapes,
                                 const std::vector<TensorDesc>& inputs, std::span<const std::string> values) {
  const auto batches = batches_of(data, inputs);
  if (!batches) return forward_error(batches);
  const InputSource source = [&](std::size_t index) -> Result<NamedTensors> {
    NamedTensors tensors;
    for (const TensorDesc& input : inputs) {
      auto tensor = data.batch(input, batches->first(index));
      if (!tensor) return forward_error(tensor);
      tensors.emplace(input.name, *std::move(tensor));
    }
    return tensors;
  };
  CalibrationOptions options;
  options.method = settings.calibrate.method;
  options.percentile = settings.calibrate.percentile;
  options.random_data = data.is_random();
  options.data = data.is_random() ? fmt::format("random inputs (seed {})", settings.seed)
                                  : path_of_data(settings)->filename().string();
  options.samples = data.size();
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  return calibrate(backend, model, shapes, batches->count(), source, values, options, *progress, interrupt.flag());
}

}  // namespace

Result<std::optional<DataSet>> calibration_data(const Settings& settings, const std::vector<ValueInfo>& inputs) {
  const auto path = path_of_data(settings);
  if (!path) return std::optional<DataSet>{};
  std::vector<std::string> names;
  for (const ValueInfo& input : inputs) names.push_back(input.name);
  auto data = DataSet::load(*path, names);
  if (!data) return forward_error(data);
  data->limit(settings.calibrate.samples ? static_cast<std::size_t>(*settings.calibrate.samples) : kMostSamples);
  return std::optional(*std::move(data));
}

Result<Calibration> calibration_of(const Settings& settings, Backend& backend, const OnnxModel& model,
                                   const BoundShapes& shapes, std::span<const std::string> values) {
  const auto inputs = described_inputs(model, shapes);
  if (!inputs) return forward_error(inputs);
  auto data = calibration_data(settings, model.graph().inputs);
  if (!data) return forward_error(data);
  if (!*data) {
    const auto samples =
        settings.calibrate.samples ? static_cast<std::size_t>(*settings.calibrate.samples) : kRandomSamples;
    *data = DataSet::random(*inputs, samples, settings.seed);
  }
  auto calibration = calibrate_on(**data, settings, backend, model, shapes, *inputs, values);
  if (!calibration) return forward_error(calibration);
  for (const std::string& warning : calibration->warnings) print_warning(warning);
  return calibration;
}

}  // namespace trtprof::cli
