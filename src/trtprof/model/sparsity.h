// Which weights of a model are 2:4 structured sparse already, for engines that can use that (`build --sparsity`).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

struct WeightSparsity {
  std::string node;    // display name
  std::string weight;  // the stored tensor
  bool structured = false;
};

// Every constant weight of Conv, Gemm and MatMul in the main graph whose reduction is four or longer (a depthwise
// convolution has none), in stored order. Structured: of every four consecutive values along the reduction, two at
// least are zero; TensorRT's developer guide asks it of a convolution for each output channel and each pixel of the
// kernel, along the input channels. A last group of fewer than four may hold two that are not zero. Weights behind
// Cast, Identity and a DequantizeLinear without zero point are looked at where they are stored. Fails for a weight that
// cannot be read.
[[nodiscard]] Result<std::vector<WeightSparsity>> find_structured_sparsity(const OnnxModel& model);

[[nodiscard]] std::size_t count_structured(const std::vector<WeightSparsity>& weights);

}  // namespace trtprof
