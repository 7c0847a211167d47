// TensorRT's own calibration cache, which its calibrators wrote until version 10: users of version 11 have such files
// and nothing that reads them.
//
//   TRT-100600-EntropyCalibration2
//   images: 3c010a14
//   (Unnamed Layer* 4) [Convolution]_output: 3d65992f
//
// The first line names the version and the method. Each other line is a tensor and its scale, the bits of an f32 in
// hexadecimal, highest byte first; the threshold is 127 times that.
#pragma once

#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/optimize/calibrate/calibration.h"

namespace trtprof {

[[nodiscard]] bool is_tensorrt_cache(std::string_view text);

// What such a file does not have (the model, the data, how much was seen) stays unknown: each value's min and max are
// -threshold and threshold. LegacyCalibration counts as percentile, which it was. Fails for another first line, a line
// that is no tensor and scale, a scale that is negative or not finite, and a tensor that has two.
[[nodiscard]] Result<Calibration> calibration_from_tensorrt(std::string_view text, std::string_view source);

}  // namespace trtprof
