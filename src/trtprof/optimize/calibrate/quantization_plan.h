// Which nodes quantise, and where Q/DQ pairs go: the placement that TensorRT's guide to explicit quantization asks for
// ("Q/DQ Layer-Placement Recommendations"). Private to calibrate/.
//
//   - Every input of a convolution or matrix product quantises; its output does not, so that what follows is fused to
//   it
//     and the rounding comes once, where the next one reads.
//   - Of a residual Add the input that skips the convolution quantises: the convolution adds it in its own kernel.
//   - Pooling quantises where what it reads is quantised anyway, or comes from such a convolution alone.
//   - Operators that only move values (MaxPool among them) work on integers too: the pair goes before them, so that
//     they move a quarter of the bytes. What a Concat joins gets one scale.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/optimize/calibrate/quantize.h"
#include "trtprof/optimize/pass_context.h"

namespace trtprof::quantization {

struct NodeInput {
  onnx::NodeProto* node = nullptr;
  int input = 0;
};

struct PlannedWeights {
  onnx::NodeProto* node = nullptr;
  int input = 1;
  std::optional<std::size_t> axis = {};  // of the output channels; nullopt: one scale for all
};

// One value that gets a Q/DQ pair.
struct PlannedValue {
  std::string value;
  std::size_t group = 0;         // values of a group have one scale
  std::vector<NodeInput> reads;  // that read the dequantised value; others read the value as it is
};

struct QuantizationPlan {
  std::vector<onnx::NodeProto*> nodes;  // that quantise, as stored
  std::vector<PlannedWeights> weights;
  std::vector<PlannedValue> values;  // as their producers are stored
  std::size_t groups = 0;
  std::vector<BlockedNode> left;
  // Activations that were looked at, whether they came to quantise or not: those of plans that keep further nodes too.
  std::vector<std::string> considered;
};

// `calibration` nullptr: any value can be quantised. Else only those that it has, not all zero.
[[nodiscard]] QuantizationPlan plan_quantization(PassContext& context, const QuantizeOptions& options,
                                                 const Calibration* calibration);

}  // namespace trtprof::quantization
