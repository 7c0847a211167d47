// What quantisation adds to the mean of each channel, taken off the bias again: the empirical correction of Nagel et
// al., "Data-Free Quantization Through Weight Equalization and Bias Correction" (ICCV 2019), section 4.2. Depthwise
// convolutions gain most: few weights a channel leave errors that do not cancel.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/calibrate/calibration.h"
#include "trtprof/optimize/calibrate/quantize.h"

namespace trtprof {

struct BiasCorrection {
  std::size_t corrected = 0;      // Conv, ConvTranspose and Gemm
  double largest_shift = 0.0;     // of any channel, over the largest magnitude of that node's output
  std::vector<BlockedNode> left;  // that have no bias to be changed, with the reason
};

// Changes biases of `model`, which is in floating point; quantize(model, calibration, options) then has the means of
// the model as it was. Each node is looked at by itself, fed with what the model in floating point computes, over
// `count` inferences.
[[nodiscard]] Result<BiasCorrection> correct_biases(Backend& backend, OnnxModel& model, const Calibration& calibration,
                                                    const QuantizeOptions& options, const BoundShapes& shapes,
                                                    std::size_t count, const InputSource& inputs, const StopFlag& stop);

}  // namespace trtprof
