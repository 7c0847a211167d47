// Weights made 2:4 structured sparse: of every four along the input channels the two smallest in magnitude become zero,
// so that sparse tensor cores skip them. One shot, without training after it: A. Mishra et al., "Accelerating Sparse
// Deep Neural Networks" (arXiv:2104.08378) prune the same way and then train again, which is what keeps their accuracy.
// What is lost here is for an accuracy gate to tell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

struct PrunedNode {
  std::string node;  // display name
  std::string op_type;
  std::uint64_t weights = 0;  // elements
  std::uint64_t zeroed = 0;   // that were not zero before; 0 where a node before it shares the weight
  double lost = 0.0;          // of the sum of squares, 0 to 1
};

struct UnprunedNode {
  std::string node;
  std::string op_type;
  std::string reason;  // a clause: "its weights are not a constant"
};

struct PruningReport {
  std::vector<PrunedNode> pruned;
  std::vector<UnprunedNode> left;  // of Conv, Gemm and MatMul
};

struct PrunedModel {
  OnnxModel model;
  PruningReport report;
};

// Of Conv (along the input channels of each pixel of the kernel), Gemm and MatMul (along the rows that are summed over)
// with constant weights in f32 or f64. The model is not changed. A weight that others read as well is copied, once for
// the nodes that sum over the same axis of it. A last group of fewer than four keeps two. Weights that are sparse
// already stay as they are. Fails when the pruned weights would not be what engines take for structured.
[[nodiscard]] Result<PrunedModel> prune_2_4(const OnnxModel& model);

}  // namespace trtprof
