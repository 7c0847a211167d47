// The graph of MobileNetV2 as torchvision exports it, with the names its recordings on TensorRT have
// (tests/data/tensorrt-10.6): 52 convolutions, 35 clips, 10 additions, pooling, flatten, classifier.
#pragma once

#include <cstdint>

#include "trtprof/model/graph.h"

namespace trtprof::test {

// With `batch_normalization` a BatchNormalization behind every convolution, which the recorded export had folded.
[[nodiscard]] Graph torchvision_mobilenet_v2(std::int64_t batch, bool batch_normalization = false);

}  // namespace trtprof::test
