#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/cuda.h"
#include "trtprof/backend/tensorrt/data_types.h"
#include "trtprof/backend/tensorrt/weak_typing.h"
#include "trtprof/base/file.h"
#include "trtprof/base/npy.h"
#include "trtprof/base/text.h"

// All of this is deprecated since 10.1 and gone in 11: this file is what is left of it.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace trtprof::tensorrt {
namespace {

constexpr std::size_t kRandomBatches = 4;
constexpr std::uint64_t kMaxCacheBytes = std::uint64_t{1} << 28;

using Batch = std::map<std::string, Tensor>;

struct InputSpec {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;  // at the profile's opt
};

std::vector<InputSpec> input_specs(const nvinfer1::INetworkDefinition& network, const ShapeProfile* profile) {
  std::vector<InputSpec> specs;
  for (std::int32_t i = 0; i < network.getNbInputs(); ++i) {
    const nvinfer1::ITensor& input = *network.getInput(i);
    InputSpec spec{input.getName(), element_type_of(input.getType()), shape_of(input.getDimensions())};
    if (profile != nullptr) {
      if (const auto range = profile->find(spec.name); range != profile->end()) spec.shape = range->second.opt;
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

Tensor random_batch(const InputSpec& spec, std::mt19937_64& generator) {
  Tensor tensor;
  tensor.type = spec.type;
  tensor.shape = spec.shape;
  const std::size_t count = element_count(spec.shape).value_or(0);
  tensor.data.resize(count * bits_of(spec.type) / 8);
  if (spec.type != ElementType::f32) return tensor;  // zeros are valid as index, length and mask
  std::normal_distribution<float> normal;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = normal(generator);
    std::memcpy(tensor.data.data() + i * sizeof value, &value, sizeof value);
  }
  return tensor;
}

// The batches and the cache: what both kinds of calibrator share. TensorRT calls from one thread.
class CalibrationData {
 public:
  CalibrationData(WeakCalibration options, std::vector<InputSpec> inputs, std::uint64_t seed)
      : options_(std::move(options)), inputs_(std::move(inputs)), generator_(seed) {
    if (options_.cache.empty()) return;
    std::error_code missing;
    if (!std::filesystem::is_regular_file(options_.cache, missing)) return;
    auto text = read_file(options_.cache, kMaxCacheBytes);
    if (!text) {
      fail_with(text.error());
    } else if (!text->starts_with("TRT-")) {
      fail_with({ErrorCode::failed,
                 fmt::format("{} is not a TensorRT calibration cache", printable(options_.cache.string())),
                 "Its first line names the version of TensorRT and the method."});
    } else {
      cache_ = std::move(*text);
    }
  }

  [[nodiscard]] std::int32_t batch_size() const {
    return inputs_.empty() || inputs_.front().shape.empty() ? 1 : static_cast<std::int32_t>(inputs_.front().shape[0]);
  }

  // The next batch on the device. false: there is none, or it failed.
  [[nodiscard]] bool next(void** bindings, const char** names, std::int32_t count) {
    if (!status_) return false;
    const std::size_t total = options_.batches.empty() ? kRandomBatches : options_.batches.size();
    if (position_ >= total) return false;
    const auto batch = read_batch(position_++);
    if (!batch) return fail_with(batch.error());
    for (std::int32_t i = 0; i < count; ++i) {
      const auto address = upload(*batch, names[i]);
      if (!address) return fail_with(address.error());
      bindings[i] = *address;
    }
    return true;
  }

  [[nodiscard]] const void* read_cache(std::size_t& length) {
    length = cache_ && status_ ? cache_->size() : 0;
    used_cache_ = length > 0;
    return length > 0 ? cache_->data() : nullptr;
  }

  void write_cache(const void* data, std::size_t length) {
    if (options_.cache.empty() || used_cache_ || !status_) return;
    const Status written = write_file(options_.cache, std::string_view(static_cast<const char*>(data), length));
    if (!written) fail_with(written.error());
  }

  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] bool random() const { return options_.batches.empty() && !used_cache_; }

 private:
  bool fail_with(Error error) {
    if (status_) status_ = tl::unexpected<Error>(std::move(error));
    return false;
  }

  Result<Batch> read_batch(std::size_t index) {
    if (!options_.batches.empty()) return load_npz(options_.batches[index]);
    Batch batch;
    for (const InputSpec& spec : inputs_) batch.emplace(spec.name, random_batch(spec, generator_));
    return batch;
  }

  Result<void*> upload(const Batch& batch, const std::string& name) {
    const auto file = [&] {
      return options_.batches.empty() ? std::string("the batch") : printable(options_.batches[position_ - 1].string());
    };
    const auto spec = std::ranges::find_if(inputs_, [&](const InputSpec& s) { return s.name == name; });
    const auto tensor = batch.find(name);
    if (tensor == batch.end() || spec == inputs_.end()) {
      return fail(fmt::format("{} has no array '{}' for that input", file(), printable(name)));
    }
    if (tensor->second.type != spec->type || tensor->second.shape != spec->shape) {
      return fail(fmt::format("{}: input '{}' wants {} {} for calibration, not {} {}", file(), printable(name),
                              to_string(spec->type), shape_to_string(spec->shape), to_string(tensor->second.type),
                              shape_to_string(tensor->second.shape)));
    }
    DeviceMemory& memory = memory_[name];
    if (memory.size() != tensor->second.data.size()) {
      auto made = DeviceMemory::allocate(tensor->second.data.size(), "a calibration batch");
      if (!made) return forward_error(made);
      memory = std::move(*made);
    }
    if (const Status copied =
            cuda_check(cudaMemcpy(memory.data(), tensor->second.data.data(), memory.size(), cudaMemcpyHostToDevice),
                       "cudaMemcpy", "for a calibration batch");
        !copied) {
      return forward_error(copied);
    }
    return memory.data();
  }

  WeakCalibration options_;
  std::vector<InputSpec> inputs_;
  std::mt19937_64 generator_;
  std::map<std::string, DeviceMemory> memory_;
  std::optional<std::string> cache_;
  std::size_t position_ = 0;
  bool used_cache_ = false;
  Status status_;
};

template <class Interface>
class Calibrator final : public Interface {
 public:
  explicit Calibrator(CalibrationData& data) : data_(data) {}
  std::int32_t getBatchSize() const noexcept override { return data_.batch_size(); }
  bool getBatch(void** bindings, const char** names, std::int32_t count) noexcept override {
    try {
      return data_.next(bindings, names, count);
    } catch (...) {  // out of memory
      return false;
    }
  }
  const void* readCalibrationCache(std::size_t& length) noexcept override { return data_.read_cache(length); }
  void writeCalibrationCache(const void* data, std::size_t length) noexcept override {
    try {
      data_.write_cache(data, length);
    } catch (...) {
      return;
    }
  }

 private:
  CalibrationData& data_;
};

class State final : public WeakTypingState {
 public:
  State(WeakCalibration options, std::vector<InputSpec> inputs, std::uint64_t seed)
      : data_(std::move(options), std::move(inputs), seed), entropy_(data_), min_max_(data_) {}
  [[nodiscard]] nvinfer1::IInt8Calibrator& calibrator(WeakCalibrationMethod method) {
    if (method == WeakCalibrationMethod::entropy) return entropy_;
    return min_max_;
  }
  [[nodiscard]] Status status() const override { return data_.status(); }
  [[nodiscard]] std::vector<std::string> warnings() const override {
    if (!calibrated_ || !data_.random()) return {};
    return {
        fmt::format("INT8 was calibrated with {} batches of random numbers: the engine is good for timing and "
                    "useless for its answers; give real batches with --calibration-data.",
                    kRandomBatches)};
  }
  void set_calibrated() { calibrated_ = true; }

 private:
  CalibrationData data_;
  Calibrator<nvinfer1::IInt8EntropyCalibrator2> entropy_;
  Calibrator<nvinfer1::IInt8MinMaxCalibrator> min_max_;
  bool calibrated_ = false;
};

// Explicit Q/DQ nodes carry their scales: nothing is left to calibrate.
bool has_quantize_layers(const nvinfer1::INetworkDefinition& network) {
  for (std::int32_t i = 0; i < network.getNbLayers(); ++i) {
    if (network.getLayer(i)->getType() == nvinfer1::LayerType::kQUANTIZE) return true;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<WeakTypingState>> apply_weak_typing(nvinfer1::IBuilderConfig& config,
                                                           const nvinfer1::INetworkDefinition& network,
                                                           const nvinfer1::IOptimizationProfile* calibration_profile,
                                                           const BuildOptions& options) {
  if (!options.weak.any()) return std::unique_ptr<WeakTypingState>();
  const ShapeProfile* profile = options.profiles.empty() ? nullptr : &options.profiles.front();
  auto state = std::make_unique<State>(options.weak.calibration, input_specs(network, profile), options.seed);
  if (const Status read = state->status(); !read) return forward_error(read);
  if (options.weak.fp16) config.setFlag(nvinfer1::BuilderFlag::kFP16);
  if (options.weak.int8) {
    config.setFlag(nvinfer1::BuilderFlag::kINT8);
    if (!has_quantize_layers(network)) {
      config.setInt8Calibrator(&state->calibrator(options.weak.calibration.method));
      if (calibration_profile != nullptr && !config.setCalibrationProfile(calibration_profile)) {
        return fail("TensorRT refuses to calibrate at the opt shapes of the optimisation profile");
      }
      state->set_calibrated();
    }
  }
  return std::unique_ptr<WeakTypingState>(std::move(state));
}

}  // namespace trtprof::tensorrt
