// NVTX ranges as Nsight Compute prints them beside a kernel, and what they say of layers.
#pragma once

#include <optional>
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

// The two columns: "thread Domain:Push/Pop_Range:PL_Type:PL_Value:CLR_Type:Color:Msg_Type:Msg" and "Id:Domain:
// Start/Stop_Range:...", where each range has a number before its domain.
enum class NvtxCell { push_pop, start_stop };

// By domain, and in each from the outermost in: `7  "TensorRT:conv1 + relu1:none:none:none:none:none:none"  "..."`.
// nullopt: not of this form.
[[nodiscard]] std::optional<std::vector<NvtxRange>> parse_nvtx_cell(std::string_view cell,
                                                                    NvtxCell kind = NvtxCell::push_pop);

// A row without its ranges' JSON payloads, which Nsight Compute 2025 writes into the quoted cell with quotes that are
// not doubled: `""TensorRT:pool:JsonRegistered:{\n  "Name": "pool"}:RGB:..."". Those of a valid row stay. nullopt: one
// has no end.
[[nodiscard]] std::optional<std::string> without_bare_payloads(std::string_view row);

// The name of the innermost layer range; empty: none. Ranges of TensorRT around a whole enqueue are no layers.
[[nodiscard]] std::string layer_of_ranges(const std::vector<NvtxRange>& ranges);
[[nodiscard]] bool is_layer_range(const NvtxRange& range);
[[nodiscard]] bool is_inference_range(const NvtxRange& range);

}  // namespace trtprof
