// A stored f32 tensor in 16 bits, with what was lost.
#pragma once

#include <filesystem>

#include <onnx/onnx_pb.h>

#include "trtprof/base/error.h"
#include "trtprof/optimize/precision/convert_precision.h"

namespace trtprof::precision {

struct HalfTensor {
  onnx::TensorProto tensor;  // with the values in raw_data
  WeightLoss loss;
};

// Rounds to nearest, ties to even. What is beyond the largest finite value becomes that value (masks are made of such
// numbers, and an infinity would turn into NaN), infinities and NaN stay. A single number, an epsilon say, that would
// become zero is the smallest subnormal instead, so that what was never divided by zero still is not; ONNX Runtime's
// converter does so too (onnxruntime/transformers/float16.py, min_positive_val). `model_path`: external data.
[[nodiscard]] Result<HalfTensor> to_half(const onnx::TensorProto& tensor, HalfType type,
                                         const std::filesystem::path& model_path);

}  // namespace trtprof::precision
