// Where an engine may fuse: a tensor, the nodes before it that belong together, and the nodes behind it that may join
// them. Made of the pieces that fusion candidates are made of (inspection.h), one boundary at a time, so that each
// fusion can be judged, and prevented, by itself.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/graph.h"

namespace trtprof {

// What is before the tensor + what is behind it. A Gemm counts as a MatMul, a ConvTranspose as a Conv.
enum class FusionPairKind {
  conv_bn,              // BatchNormalization
  conv_affine,          // addition of and multiplication by constants
  conv_activation,      // of a convolution with what was fused before
  conv_add,             // addition of another tensor (a residual)
  depthwise_pointwise,  // a depthwise convolution with what was fused before, and a 1x1 convolution
  matmul_affine,        // bias, scale
  matmul_activation,
  matmul_add,
  add_activation,  // the activation behind such an addition
  pointwise,       // elementwise operators, no convolution or matrix product before them
};
inline constexpr std::array kAllFusionPairKinds = {
    FusionPairKind::conv_bn,           FusionPairKind::conv_affine,         FusionPairKind::conv_activation,
    FusionPairKind::conv_add,          FusionPairKind::depthwise_pointwise, FusionPairKind::matmul_affine,
    FusionPairKind::matmul_activation, FusionPairKind::matmul_add,          FusionPairKind::add_activation,
    FusionPairKind::pointwise};
[[nodiscard]] std::string_view to_string(FusionPairKind kind);  // "conv_bn"

struct FusionPair {
  FusionPairKind kind = FusionPairKind::conv_bn;
  std::string tensor;             // read by the tail alone
  std::vector<std::string> head;  // display names, in stored order; the last one makes the tensor
  std::vector<std::string> tail;  // the same; several for an activation that is written out
  bool operator==(const FusionPair&) const = default;
};

// Of the main graph, in the order of the first node of their heads; each tensor is in one pair at most. An addition of
// the results of two convolutions is the tail of two pairs: an engine can fuse it with either.
[[nodiscard]] std::vector<FusionPair> find_fusion_pairs(const Graph& graph, const TensorTable& tensors);

}  // namespace trtprof
