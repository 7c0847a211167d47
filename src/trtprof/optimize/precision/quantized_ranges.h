// Ranges of a model's values, for the same model with Q/DQ in it: measured once, they serve every choice of what
// quantises.
#pragma once

#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/precision/convert_precision.h"

namespace trtprof {

// What QuantizeLinear and DequantizeLinear make of a value is that value rounded, and cut off at its threshold: it
// reaches no further. Of the main graph, whose nodes are in order; values that have a range keep theirs.
[[nodiscard]] ValueRanges ranges_through_rounding(ValueRanges ranges, const OnnxModel& quantized);

}  // namespace trtprof
