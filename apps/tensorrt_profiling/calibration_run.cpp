#include "calibration_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/calibrate/calibration_cache.h"

namespace trtprof::cli {
namespace {

// TensorRT's developer guide calls about 500 images enough for ImageNet; NNCF takes 300.
constexpr std::size_t kMostSamples = 512;
constexpr std::int64_t kRandomSamples = 32;
constexpr std::size_t kNameColumns = 60;

std::optional<std::filesystem::path> path_of_data(const Settings& settings) {
  return settings.calibrate.data ? settings.calibrate.data : settings.accuracy.data;
}

// Of "pictures/", too.
std::string name_of(const std::filesystem::path& path) {
  const auto name = path.has_filename() ? path.filename() : path.parent_path().filename();
  return name.empty() ? path.string() : name.string();
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
                                 const std::vector<TensorDesc>& inputs, std::span<const std::string> values,
                                 bool unsigned_activations) {
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
  options.data =
      data.is_random() ? fmt::format("random inputs (seed {})", settings.seed) : name_of(*path_of_data(settings));
  options.samples = data.size();
  options.unsigned_activations = unsigned_activations;
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  return calibrate(backend, model, shapes, batches->count(), source, values, options, *progress, interrupt.flag());
}

// From --calibration-cache; nullopt: there is none, or it is of other options and to be made anew.
Result<std::optional<Calibration>> kept_calibration(const Settings& settings, const OnnxModel& model,
                                                    std::span<const std::string> values, bool unsigned_activations) {
  const auto& path = settings.calibrate.cache;
  std::error_code error;
  if (!path || !std::filesystem::exists(*path, error)) return std::optional<Calibration>{};
  auto sha256 = sha256_of_model(model);
  if (!sha256) return forward_error(sha256);
  WantedCalibration wanted;
  wanted.model_sha256 = *std::move(sha256);
  if (settings.was_given("--calibration")) wanted.method = settings.calibrate.method;
  if (settings.was_given("--percentile")) wanted.percentile = settings.calibrate.percentile;
  wanted.unsigned_activations = unsigned_activations;
  wanted.values.assign(values.begin(), values.end());
  wanted.force = settings.calibrate.force_cache;
  auto cached = read_calibration_cache(*path, wanted);
  if (!cached) return forward_error(cached);
  const std::string file = printable(path->string());
  if (!cached->missing.empty()) {
    const std::string lack =
        fmt::format("{} has no threshold for {} of {} values, as '{}'", file, cached->missing.size(), values.size(),
                    shorten_middle(cached->missing.front(), kNameColumns));
    if (!cached->from_tensorrt && !wanted.force) {
      print_note(lack + ": calibrated anew");
      return std::optional<Calibration>{};
    }
    cached->calibration.warnings.push_back(lack + ": what needs them stays in floating point");
  }
  print_verbose(fmt::format("thresholds by {} of {} from {}", to_string(cached->calibration.method),
                            printable(cached->calibration.data), file));
  return std::optional(std::move(cached->calibration));
}

Result<Calibration> calibrate_anew(const Settings& settings, Backend& backend, const OnnxModel& model,
                                   const BoundShapes& shapes, std::span<const std::string> values,
                                   bool unsigned_activations) {
  const auto& cache = settings.calibrate.cache;
  if (cache) {
    if (const Status writable = check_writable(*cache); !writable) return forward_error(writable);
  }
  const auto inputs = described_inputs(model, shapes);
  if (!inputs) return forward_error(inputs);
  auto data = calibration_data(settings, model.graph().inputs);
  if (!data) return forward_error(data);
  if (!*data) {
    const auto samples = settings.calibrate.samples.value_or(kRandomSamples);
    *data = DataSet::random(*inputs, static_cast<std::size_t>(samples), settings.seed);
  }
  auto calibration = calibrate_on(**data, settings, backend, model, shapes, *inputs, values, unsigned_activations);
  if (!calibration || !cache) return calibration;
  if ((*data)->is_random()) {
    print_note(fmt::format("{} is not written: random numbers are nothing to keep", printable(cache->string())));
    return calibration;
  }
  if (const Status written = write_calibration_cache(*cache, *calibration); !written) return forward_error(written);
  return calibration;
}

}  // namespace

Result<std::optional<DataSet>> calibration_data(const Settings& settings, const std::vector<ValueInfo>& inputs) {
  const auto path = path_of_data(settings);
  if (!path) return std::optional<DataSet>{};
  std::vector<std::string> names;
  for (const ValueInfo& input : inputs) names.push_back(input.name);
  auto data = DataSet::load(*path, names, settings.accuracy.preprocess);
  if (!data) return forward_error(data);
  data->limit(settings.calibrate.samples ? static_cast<std::size_t>(*settings.calibrate.samples) : kMostSamples);
  return std::optional(*std::move(data));
}

Result<Calibration> calibration_of(const Settings& settings, Backend& backend, const OnnxModel& model,
                                   const BoundShapes& shapes, std::span<const std::string> values,
                                   bool unsigned_activations) {
  auto kept = kept_calibration(settings, model, values, unsigned_activations);
  if (!kept) return forward_error(kept);
  auto calibration = *kept ? Result<Calibration>(**std::move(kept))
                           : calibrate_anew(settings, backend, model, shapes, values, unsigned_activations);
  if (!calibration) return forward_error(calibration);
  for (const std::string& warning : calibration->warnings) print_warning(warning);
  return calibration;
}

}  // namespace trtprof::cli
