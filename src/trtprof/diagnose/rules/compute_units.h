// Which units a layer's multiply-adds run on. Private to rules/.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof::rules {

enum class Units { tensor_cores, cuda_cores, unknown };

// By what TensorRT, cuDNN and cuBLAS call their kernels: "..._tensor16x8x16_...", "hmma", "simt", "gemv".
[[nodiscard]] Units units_of_kernel(std::string_view name);

// A convolution that is not depthwise, or a matrix product: what tensor cores are for.
[[nodiscard]] bool is_matrix_work(LayerClass layer_class);

// Counters decide where there are any, then the names of the layer's kernels, then its implementation's, then its
// precision: plain FP32 does not run on tensor cores.
class UnitsOfLayers {
 public:
  explicit UnitsOfLayers(const Profile& profile);
  [[nodiscard]] Units of(std::size_t layer) const;
  [[nodiscard]] bool counted(std::size_t layer) const;  // by hardware counters
  // Names of its kernels, or its implementation's.
  [[nodiscard]] const std::vector<std::string>& names(std::size_t layer) const { return names_[layer]; }

 private:
  const Profile& profile_;
  std::vector<std::vector<std::string>> names_;
  std::map<std::string, double> tensor_active_;  // by layer
};

}  // namespace trtprof::rules
