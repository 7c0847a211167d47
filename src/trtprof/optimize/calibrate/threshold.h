// Which magnitude becomes the largest integer, from a histogram of what was seen: the methods of calibration.
//
// All are symmetric about zero, as TensorRT wants activations: scale = threshold / steps, and what is beyond is
// clipped. Never above the largest magnitude that was seen; 0 when all numbers are zero, or there are none.
#pragma once

#include "trtprof/optimize/calibrate/activation_histogram.h"

namespace trtprof {

// Integers above zero: 127 of INT8, 255 of UINT8.
inline constexpr int kInt8Steps = 127;
inline constexpr int kUint8Steps = 255;

// The largest magnitude: nothing is clipped.
[[nodiscard]] double min_max_threshold(const ActivationHistogram& histogram);

// What `percent` (0 to 100) of all magnitudes are not above, as numpy.percentile with linear interpolation tells, to
// the width of a bin. Where so many are zero, of those that are not.
[[nodiscard]] double percentile_threshold(const ActivationHistogram& histogram, double percent);

// Least Kullback-Leibler divergence of the quantised distribution from the real one, as TensorRT's entropy calibrator
// finds it: S. Migacz, "8-bit Inference with TensorRT", GTC 2017 (S7310). For each number of bins that the threshold
// may be at, what is above it is put into the last bin (that is what clipping does), and the bins are quantised to
// steps + 1 levels, each spread again over those of its bins that are not empty. Zeros are left out: every threshold
// represents them exactly, and their spike behind a ReLU would outweigh the rest (NVIDIA's pytorch-quantization
// overwrites the first bin for that). A last bin that is empty but for what is clipped would diverge without limit, so
// no threshold is there.
[[nodiscard]] double entropy_threshold(const ActivationHistogram& histogram, int steps = kInt8Steps);

// Least mean squared error of rounding to a step and clipping, over all edges of bins; a bin stands for its middle.
[[nodiscard]] double mse_threshold(const ActivationHistogram& histogram, int steps = kInt8Steps);

}  // namespace trtprof
