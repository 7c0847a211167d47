// Convolution on the host, for the networks that the sample generators run while they make them.
//
// Every sum is over products of two floats, which are exact in a double, added tap by tap in ONNX's order of the
// weights: a compiler that fuses multiply and add, or vectorises, gets the same bits as one that does not, and a seed
// gives the same model everywhere.
#pragma once

#include <cstdint>
#include <span>

#include "trtprof/samples/activations.h"

namespace trtprof::samples {

struct ConvGeometry {
  std::int64_t kernel = 1;  // square
  std::int64_t stride = 1;
  std::int64_t padding = 0;  // zeros on every side
  std::int64_t groups = 1;
};

// `weights` is [out, in / groups, kernel, kernel].
[[nodiscard]] Activations convolve(const Activations& x, std::span<const float> weights, const ConvGeometry& geometry);

}  // namespace trtprof::samples
