#include "data_feed.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "messages.h"

namespace trtprof::cli {
namespace {

// TensorRT's developer guide calls about 500 images enough for ImageNet; NNCF takes 300.
constexpr std::size_t kMostSamples = 512;
constexpr std::int64_t kRandomSamples = 32;

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

std::optional<std::filesystem::path> calibration_path(const Settings& settings) {
  return settings.calibrate.data ? settings.calibrate.data : settings.accuracy.data;
}

Result<std::optional<DataSet>> calibration_data(const Settings& settings, const std::vector<ValueInfo>& inputs) {
  const auto path = calibration_path(settings);
  if (!path) return std::optional<DataSet>{};
  std::vector<std::string> names;
  names.reserve(inputs.size());
  for (const ValueInfo& input : inputs) names.push_back(input.name);
  auto data = DataSet::load(*path, names, settings.accuracy.preprocess);
  if (!data) return forward_error(data);
  if (settings.calibrate.data) {  // those of --data are said where it is loaded
    for (const std::string& warning : data->warnings()) print_warning(warning);
  }
  data->limit(settings.calibrate.samples ? static_cast<std::size_t>(*settings.calibrate.samples) : kMostSamples);
  return std::optional(*std::move(data));
}

Result<DataSet> random_calibration_data(const Settings& settings, const OnnxModel& model, const BoundShapes& shapes) {
  auto inputs = described_inputs(model, shapes);
  if (!inputs) return forward_error(inputs);
  const auto samples = static_cast<std::size_t>(settings.calibrate.samples.value_or(kRandomSamples));
  return DataSet::random(*inputs, samples, settings.seed);
}

Result<DataFeed> DataFeed::create(const DataSet& data, const OnnxModel& model, const BoundShapes& shapes) {
  auto inputs = described_inputs(model, shapes);
  if (!inputs) return forward_error(inputs);
  std::int64_t batch = 1;
  bool any = false;
  for (const TensorDesc& input : *inputs) {
    if (input.shape.empty()) continue;
    // Noise is as good in one input as in the other.
    if (any && batch != input.shape.front() && !data.is_random()) {
      return fail("the inputs have different leading dimensions, so that nobody can tell the batch");
    }
    any = true;
    batch = std::max(batch, input.shape.front());
  }
  return DataFeed(data, *std::move(inputs), static_cast<std::size_t>(batch));
}

std::size_t DataFeed::count_of(std::size_t samples) const {
  return (std::min(samples, data_->size()) + batch_ - 1) / batch_;
}

InputSource DataFeed::source() const {
  return [this](std::size_t index) -> Result<NamedTensors> {
    // The last inference begins early enough to be full: no sample is fed twice but those that two inferences share.
    const std::size_t first = data_->size() < batch_ ? 0 : std::min(index * batch_, data_->size() - batch_);
    NamedTensors tensors;
    for (const TensorDesc& input : inputs_) {
      auto tensor = data_->batch(input, first);
      if (!tensor) return forward_error(tensor);
      tensors.emplace(input.name, *std::move(tensor));
    }
    return tensors;
  };
}

}  // namespace trtprof::cli
