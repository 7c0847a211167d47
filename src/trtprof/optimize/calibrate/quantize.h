// A model in INT8 by Q/DQ: QuantizeLinear and DequantizeLinear written into the graph where TensorRT's explicit
// quantization wants them, with weights stored as INT8. TensorRT 10, 11 and RTX, OpenVINO and ONNX Runtime take it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/calibrate/calibration.h"
#include "trtprof/optimize/precision/convert_precision.h"

namespace trtprof {

struct QuantizeOptions {
  std::vector<std::string> keep_ops = {};    // operator types that stay in floating point
  std::vector<std::string> keep_nodes = {};  // names with '*' and '?'; a node without a name goes by its first output
  bool depthwise = true;                     // convolutions of one input channel a group
  // Values that are never negative as UINT8, which tells twice as many of them apart: OpenVINO and ONNX Runtime take
  // it, TensorRT does not.
  bool unsigned_activations = false;
  // Scales that are numbers of that type, for a model that is converted to it afterwards; weights are rounded with
  // those. nullopt: of f32.
  std::optional<HalfType> scale_type = {};
};

struct QuantizedNode {
  std::string node;  // display name
  std::string op_type;
  std::uint64_t weights = 0;  // elements stored as INT8
};

struct QuantizationReport {
  std::vector<QuantizedNode> quantized;
  std::vector<BlockedNode> left;  // of the operators that quantise
  int activations = 0;            // that get a Q/DQ pair
  std::uint64_t weight_bytes_before = 0;
  std::uint64_t weight_bytes_after = 0;
  std::vector<std::string> notes;  // a sentence each
};

struct QuantizedModel {
  OnnxModel model;
  QuantizationReport report;
};

// The first operator set with scales by channel, and the first whose scales may be f16.
inline constexpr int kQuantizeOpset = 13;
inline constexpr int kHalfScaleOpset = 19;

// The activations that quantize() may ask a calibration for, with these options or with more nodes kept: one
// calibration serves all trials of a search.
[[nodiscard]] Result<std::vector<std::string>> values_to_calibrate(const OnnxModel& model,
                                                                   const QuantizeOptions& options);

// The model is not changed. Nodes whose activations the calibration does not have, or has as all zero, stay in floating
// point, with the reason. Fails for operator sets before 13, which have no scales by channel (raise_opset()), and for
// a node kept by name that the model does not have.
[[nodiscard]] Result<QuantizedModel> quantize(const OnnxModel& model, const Calibration& calibration,
                                              const QuantizeOptions& options = {});

}  // namespace trtprof
