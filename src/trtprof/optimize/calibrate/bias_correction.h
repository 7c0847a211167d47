// What quantisation adds to the mean of each channel, taken off the bias again: the empirical correction of Nagel et
// al., "Data-Free Quantization Through Weight Equalization and Bias Correction" (ICCV 2019), section 4.2. Depthwise
// convolutions gain most: few weights a channel leave errors that do not cancel.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/calibrate/calibration.h"
#include "trtprof/optimize/calibrate/quantize.h"

namespace trtprof {

// Of each channel of a quantised node, by its first output, as Calibration::bias_shifts keeps them: the mean of the
// node in floating point less that on integers.
using BiasShifts = std::map<std::string, std::vector<double>>;

struct BiasCorrection {
  std::size_t corrected = 0;      // Conv, ConvTranspose, Gemm, and MatMul with an Add behind it
  double largest_shift = 0.0;     // of any channel, in the unit of that node's output
  std::vector<BlockedNode> left;  // that have no bias to be changed, with the reason
  BiasShifts shifts;
};

// Each node is looked at by itself, fed with what the model in floating point computes, over `count` inferences. So a
// shift does not depend on which other nodes are quantised, and holds for as long as its own node is.
[[nodiscard]] Result<BiasCorrection> find_bias_shifts(Backend& backend, const OnnxModel& model,
                                                      const Calibration& calibration, const QuantizeOptions& options,
                                                      const BoundShapes& shapes, std::size_t count,
                                                      const InputSource& inputs, const StopFlag& stop);

// quantize() with the shifts of those nodes that it quantises: a node that is kept has no error to be taken off.
[[nodiscard]] Result<QuantizedModel> quantize_with_shifts(const OnnxModel& model, const Calibration& calibration,
                                                          const BiasShifts& shifts, const QuantizeOptions& options);

}  // namespace trtprof
