// What TensorRT's IProfiler reports of one inference, joined to layers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/profile/profile.h"

namespace trtprof::tensorrt {

class LayerProfiler final : public nvinfer1::IProfiler {
 public:
  // Before each inference.
  void clear() noexcept { count_ = 0; }
  void reportLayerTime(const char* name, float milliseconds) noexcept override;

  // After the first inference: `layers` gets those that only the profiler knows, and loses those it said nothing of,
  // whose time would not be 0 but unknown. Returns the names of the latter.
  [[nodiscard]] std::vector<std::string> learn(std::vector<Layer>& layers);
  // Seconds by index of the layers that learn() saw; a layer that ran several times in an inference has their sum. A
  // name that was never reported before is counted by unknown().
  [[nodiscard]] std::vector<double> layer_seconds();
  [[nodiscard]] std::size_t unknown() const { return unknown_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // The last that was reported: where an inference that failed was.
  [[nodiscard]] std::string last_name() const { return count_ == 0 ? std::string{} : names_[count_ - 1]; }

 private:
  std::size_t count_ = 0;  // reports of this inference
  std::vector<std::string> names_;
  std::vector<double> seconds_;
  // learned
  std::vector<std::string> known_names_;
  std::vector<std::size_t> layer_of_;  // by position in known_names_
  std::size_t layer_count_ = 0;
  std::size_t unknown_ = 0;
};

}  // namespace trtprof::tensorrt
