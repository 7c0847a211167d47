// A model in INT8 by Q/DQ: QuantizeLinear and DequantizeLinear written into the graph where TensorRT's explicit
// quantization wants them, with weights stored as INT8. TensorRT 10, 11 and RTX, OpenVINO and ONNX Runtime take it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/calibrate/calibration.h"

namespace trtprof {

struct QuantizeOptions {
  std::vector<std::string> keep_ops = {};    // operator types that stay in floating point
  std::vector<std::string> keep_nodes = {};  // names with '*' and '?'; a node without a name goes by its first output
  bool depthwise = true;                     // convolutions of one input channel a group
  // Values that are never negative as UINT8, which tells twice as many of them apart: OpenVINO and ONNX Runtime take
  // it, TensorRT does not.
  bool unsigned_activations = false;
};

struct QuantizedNode {
  std::string node;  // display name
  std::string op_type;
  std::uint64_t weights = 0;  // elements stored as INT8
};

struct UnquantizedNode {
  std::string node;
  std::string op_type;
  std::string reason;  // a clause: "its weights are not a constant"
};

struct QuantizationReport {
  std::vector<QuantizedNode> quantized;
  std::vector<UnquantizedNode> left;  // of the operators that quantise
  int activations = 0;                // that get a Q/DQ pair
  std::uint64_t weight_bytes_before = 0;
  std::uint64_t weight_bytes_after = 0;
  std::vector<std::string> notes;  // a sentence each
};

struct QuantizedModel {
  OnnxModel model;
  QuantizationReport report;
};

// The activations that quantize() will ask a calibration for, with the same options; in the order of the nodes.
[[nodiscard]] Result<std::vector<std::string>> values_to_calibrate(const OnnxModel& model,
                                                                   const QuantizeOptions& options);

// The model is not changed. Nodes whose activations the calibration does not have, or has as all zero, stay in floating
// point, with the reason. Fails when a weight cannot be read.
[[nodiscard]] Result<QuantizedModel> quantize(const OnnxModel& model, const Calibration& calibration,
                                              const QuantizeOptions& options = {});

}  // namespace trtprof
