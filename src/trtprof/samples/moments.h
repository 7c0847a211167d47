// Mean and variance of activations, carried from layer to layer by arithmetic alone, so that random batch-norm
// statistics are those the layer really produces, without running anything.
//
// Every sum here is over products of two floats, which are exact in a double: a compiler that fuses multiply and add
// gets the same bits as one that does not, and a seed gives the same model everywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace trtprof::samples {

// Of one channel, over positions and inputs.
struct Moments {
  float mean = 0.0F;
  float variance = 1.0F;
};

struct ConvGeometry {
  std::int64_t in_height = 0;
  std::int64_t in_width = 0;
  std::int64_t kernel = 1;  // square
  std::int64_t stride = 1;
  std::int64_t padding = 0;  // zeros on every side
  std::int64_t groups = 1;
  [[nodiscard]] std::int64_t out_height() const { return (in_height + 2 * padding - kernel) / stride + 1; }
  [[nodiscard]] std::int64_t out_width() const { return (in_width + 2 * padding - kernel) / stride + 1; }
};

// Of a convolution's outputs, taking inputs for independent. `weights` is [out, in / groups, kernel, kernel]. Zero
// padding is accounted for exactly: on the small maps of the last layers half of the positions touch a border.
[[nodiscard]] std::vector<Moments> moments_of_convolution(std::span<const Moments> inputs,
                                                          std::span<const float> weights, const ConvGeometry& geometry);

// Of f(x) for x normally distributed with the moments given, by quadrature over -4 to 4 standard deviations.
[[nodiscard]] Moments moments_of_activation(const Moments& input, const std::function<float(float)>& f);

// Of a + b, taken for independent.
[[nodiscard]] Moments moments_of_sum(const Moments& a, const Moments& b);

}  // namespace trtprof::samples
