#include "trtprof/optimize/precision/quantized_ranges.h"

#include <onnx/onnx_pb.h>

namespace trtprof {

ValueRanges ranges_through_rounding(ValueRanges ranges, const OnnxModel& quantized) {
  for (const onnx::NodeProto& node : quantized.proto().graph().node()) {
    const bool rounds = node.op_type() == "QuantizeLinear" || node.op_type() == "DequantizeLinear";
    if (!rounds || node.input_size() == 0 || node.output_size() == 0) continue;
    const auto known = ranges.find(node.input(0));
    if (known == ranges.end()) continue;
    const ValueRange range = known->second;
    ranges.emplace(node.output(0), range);
  }
  return ranges;
}

}  // namespace trtprof
