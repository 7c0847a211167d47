// NVTX ranges as Nsight Compute prints them beside a kernel, and what they say of layers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trtprof {

// The domain of TensorRT's ranges, one a layer, and this program's own, around each measured inference.
inline constexpr std::string_view kTensorRtDomain = "TensorRT";
inline constexpr std::string_view kOwnDomain = "tensorrt_profiling";
inline constexpr std::string_view kInferenceRange = "inference";

struct NvtxRange {
  std::string domain;
  std::string name;
  bool operator==(const NvtxRange&) const = default;
};

// From the outermost in, of a cell of the column "thread
// Domain:Push/Pop_Range:PL_Type:PL_Value:CLR_Type:Color:Msg_Type: Msg": `7  "TensorRT:conv1 +
// relu1:none:none:none:none:none:none"  "..."`.
[[nodiscard]] std::vector<NvtxRange> parse_nvtx_cell(std::string_view cell);

// The name of the innermost layer range; empty: none. Ranges of TensorRT around a whole enqueue are no layers.
[[nodiscard]] std::string layer_of_ranges(const std::vector<NvtxRange>& ranges);
[[nodiscard]] bool is_layer_range(const NvtxRange& range);
[[nodiscard]] bool is_inference_range(const NvtxRange& range);

}  // namespace trtprof
