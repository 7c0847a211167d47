// The layers of published networks as engines run them: batch normalisation folded, activations and residual additions
// fused. Shapes from the papers, built here so that the cost table is tested without a model file.
#pragma once

#include <string>
#include <vector>

#include "trtprof/cost/cost.h"

namespace trtprof::test {

struct FusedLayer {
  std::string kind;  // "conv", "depthwise", "pointwise", "pool", "fc"
  OperatorFacts main;
  LayerFacts facts;
};

struct NetworkTypes {
  ElementType activation = ElementType::f32;
  ElementType weight = ElementType::f32;
  ElementType bias = ElementType::f32;
};

// MobileNetV2 1.0 at 224x224 (Sandler et al., arXiv 1801.04381, table 2), as torchvision lays it out: 52 convolutions,
// the average pooling, the classifier.
[[nodiscard]] std::vector<FusedLayer> mobilenet_v2(std::int64_t batch, NetworkTypes types);

// ResNet-50 at 224x224 with the stride in the 3x3 convolution ("v1.5", torchvision): 53 convolutions, the classifier.
[[nodiscard]] std::vector<FusedLayer> resnet_50(std::int64_t batch, NetworkTypes types);

}  // namespace trtprof::test
