// What makes a calibration doubtful, said by calibrate() and of what a cache holds.
#pragma once

#include <string>
#include <vector>

#include "trtprof/optimize/calibrate/calibration.h"

namespace trtprof {

// A sentence each: random data, few samples, values that are no finite numbers, values that are zero throughout, and
// those of which the threshold clips many.
[[nodiscard]] std::vector<std::string> calibration_warnings(const Calibration& calibration, bool random_data);

}  // namespace trtprof
