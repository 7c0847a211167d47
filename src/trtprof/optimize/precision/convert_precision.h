// A model in f16 or bf16: the precision written into the graph, as TensorRT's strongly typed networks, TensorRT 11,
// TensorRT-RTX, OpenVINO and ONNX Runtime all take it.
//
// Which inputs and outputs of an operator may change is read from ONNX's schema of it in the model's operator set. What
// stays in f32 is said node by node with the reason: an operator without the type, a value that becomes a shape, a
// value that was seen to overflow, a wish of the user. Casts stand only where the two precisions meet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

enum class HalfType { f16, bf16 };
[[nodiscard]] const char* to_string(HalfType type);  // "f16", "bf16"
// The largest finite value: 65504 of f16, about 3.4e38 of bf16.
[[nodiscard]] double largest_value(HalfType type);

// What was seen of one value on real data; made by analyze_ranges().
struct ValueRange {
  double absmax = 0.0;
  double smallest_nonzero = 0.0;  // magnitude; 0: all values are zero
  std::uint64_t elements = 0;     // of one inference
};
using ValueRanges = std::map<std::string, ValueRange>;  // by name, of the main graph

struct PrecisionOptions {
  HalfType type = HalfType::f16;
  bool keep_io_types = true;  // f32 inputs and outputs of the model stay f32, with a Cast behind and before them
  std::vector<std::string> blocked_ops = {};  // operator types that stay in f32, beside default_blocked_ops()
  std::vector<std::string> blocked_nodes =
      {};  // names with '*' and '?'; a node without a name goes by its first output
  bool use_default_blocks = true;
  ValueRanges ranges = {};  // empty: nothing was measured, nothing is blocked for overflow
  // Measured values may come this near to the largest finite one: other data than was measured reaches further.
  double overflow_margin = 2.0;
  // Operators that the model's operator set has no such type of take a newer one, through ONNX's version converter.
  // nullopt: the operator set stays, and those operators stay in f32.
  std::optional<int> raise_opset = {};
};

struct DefaultBlock {
  const char* op_type;
  const char* reason;
};
// Small on purpose: engines add up in f32 inside an operator whatever the type of its tensors.
[[nodiscard]] const std::vector<DefaultBlock>& default_blocked_ops();

struct BlockedNode {
  std::string node;
  std::string op_type;
  std::string reason;  // one sentence without a full stop
};

struct WeightLoss {
  std::string tensor;
  std::uint64_t elements = 0;
  std::uint64_t overflowed = 0;  // beyond the largest finite value: they became that value
  std::uint64_t flushed = 0;     // not zero before, zero now
  std::uint64_t raised = 0;      // single values that would have become zero: they are the smallest there is
};

struct PrecisionReport {
  HalfType type = HalfType::f16;
  std::vector<std::string> converted;  // nodes, by display name
  std::vector<BlockedNode> blocked;    // nodes that compute in f32 still
  int nodes_without_floats = 0;
  int casts_added = 0;
  int casts_removed = 0;
  std::uint64_t weight_bytes_before = 0;
  std::uint64_t weight_bytes_after = 0;
  std::vector<WeightLoss> losses;  // tensors with any
  std::vector<std::string> notes;  // functions inlined, operator set raised: a sentence each
};

struct ConvertedModel {
  OnnxModel model;
  PrecisionReport report;
};

// The model is not changed. Fails when a weight cannot be read and when the operator set cannot be raised.
[[nodiscard]] Result<ConvertedModel> convert_precision(const OnnxModel& model, const PrecisionOptions& options = {});

}  // namespace trtprof
