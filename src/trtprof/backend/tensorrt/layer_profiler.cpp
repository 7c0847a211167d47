#include "trtprof/backend/tensorrt/layer_profiler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "trtprof/backend/tensorrt_layers.h"

namespace trtprof::tensorrt {

void LayerProfiler::reportLayerTime(const char* name, float milliseconds) noexcept {
  if (name == nullptr) return;
  try {
    if (count_ == names_.size()) {
      names_.emplace_back(name);
      seconds_.push_back(0.0);
    } else if (names_[count_] != name) {  // the same names in the same order, nearly always
      names_[count_] = name;
    }
    seconds_[count_] = static_cast<double>(milliseconds) * 1e-3;
    ++count_;
  } catch (...) {  // out of memory: the inference has a layer less
    return;
  }
}

std::vector<std::string> LayerProfiler::learn(std::vector<Layer>& layers) {
  known_names_.assign(names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(count_));
  layer_of_ = join_profiler_names(layers, known_names_);
  std::vector<std::optional<std::size_t>> place(layers.size());  // of each layer among those that were reported
  for (const std::size_t layer : layer_of_) place[layer] = 0;
  std::vector<Layer> reported;
  std::vector<std::string> silent;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (place[i]) {
      place[i] = reported.size();
      reported.push_back(std::move(layers[i]));
    } else {
      silent.push_back(std::move(layers[i].name));
    }
  }
  for (std::size_t& layer : layer_of_) layer = *place[layer];
  layers = std::move(reported);
  layer_count_ = layers.size();
  return silent;
}

std::vector<double> LayerProfiler::layer_seconds() {
  std::vector<double> sums(layer_count_, 0.0);
  for (std::size_t i = 0; i < count_; ++i) {
    std::size_t position = i;
    if (i >= known_names_.size() || known_names_[i] != names_[i]) {
      const auto known = std::ranges::find(known_names_, names_[i]);
      if (known == known_names_.end()) {
        ++unknown_;
        continue;
      }
      position = static_cast<std::size_t>(known - known_names_.begin());
    }
    sums[layer_of_[position]] += seconds_[i];
  }
  return sums;
}

}  // namespace trtprof::tensorrt
