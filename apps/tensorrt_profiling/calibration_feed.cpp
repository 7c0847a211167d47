#include "calibration_feed.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "calibration_run.h"

namespace trtprof::cli {
namespace {

constexpr std::size_t kRandomSamples = 32;

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

}  // namespace

Result<CalibrationFeed> CalibrationFeed::create(DataSet data, std::vector<TensorDesc> inputs) {
  std::optional<std::int64_t> batch;
  for (const TensorDesc& input : inputs) {
    if (input.shape.empty()) continue;
    if (batch && *batch != input.shape.front()) {
      return fail("the inputs have different leading dimensions, so that calibration cannot tell the batch");
    }
    batch = input.shape.front();
  }
  const auto samples = static_cast<std::size_t>(std::max<std::int64_t>(batch.value_or(1), 1));
  return CalibrationFeed(std::move(data), std::move(inputs), samples);
}

std::size_t CalibrationFeed::count_of(std::size_t samples) const {
  return (std::min(samples, data_.size()) + batch_ - 1) / batch_;
}

InputSource CalibrationFeed::source() const {
  return [this](std::size_t index) -> Result<NamedTensors> {
    // The last inference begins early enough to be full.
    const std::size_t first = data_.size() < batch_ ? 0 : std::min(index * batch_, data_.size() - batch_);
    NamedTensors tensors;
    for (const TensorDesc& input : inputs_) {
      auto tensor = data_.batch(input, first);
      if (!tensor) return forward_error(tensor);
      tensors.emplace(input.name, *std::move(tensor));
    }
    return tensors;
  };
}

Result<CalibrationFeed> calibration_feed(const Settings& settings, const OnnxModel& model, const BoundShapes& shapes) {
  auto inputs = described_inputs(model, shapes);
  if (!inputs) return forward_error(inputs);
  auto data = calibration_data(settings, model.graph().inputs);
  if (!data) return forward_error(data);
  if (!*data) {
    const auto samples = static_cast<std::size_t>(settings.calibrate.samples.value_or(kRandomSamples));
    *data = DataSet::random(*inputs, samples, settings.seed);
  }
  return CalibrationFeed::create(**std::move(data), *std::move(inputs));
}

}  // namespace trtprof::cli
