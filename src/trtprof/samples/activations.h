// Plain convolution, normalisation and clipping on the host: enough to measure the batch-norm statistics of a network
// while it is being made, so that every layer's scale is healthy by construction and not by luck.
//
// Every sum is over products of two floats, which are exact in a double, in a fixed order: a compiler that fuses
// multiply and add, or vectorises, gets the same bits as one that does not, and a seed gives the same model everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trtprof/samples/seeded_weights.h"

namespace trtprof::samples {

// [images, channels, height, width].
struct Activations {
  std::int64_t images = 0;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<float> values;

  Activations(std::int64_t images, std::int64_t channels, std::int64_t height, std::int64_t width);
  [[nodiscard]] std::int64_t positions() const { return height * width; }
  [[nodiscard]] std::span<float> plane(std::int64_t image, std::int64_t channel);
  [[nodiscard]] std::span<const float> plane(std::int64_t image, std::int64_t channel) const;
};

struct ConvGeometry {
  std::int64_t kernel = 1;  // square
  std::int64_t stride = 1;
  std::int64_t padding = 0;  // zeros on every side
  std::int64_t groups = 1;
};

// `weights` is [out, in / groups, kernel, kernel].
[[nodiscard]] Activations convolve(const Activations& x, std::span<const float> weights, const ConvGeometry& geometry);

// Of one channel, over images and positions.
struct Moments {
  float mean = 0.0F;
  float variance = 1.0F;
};
[[nodiscard]] std::vector<Moments> moments_of(const Activations& x);

// value * factor[channel] + offset[channel], in place.
void scale_channels(Activations& x, std::span<const float> factor, std::span<const float> offset);
void clip(Activations& x, float low, float high);
void add(Activations& x, const Activations& other);

[[nodiscard]] Activations random_images(std::int64_t images, std::int64_t channels, std::int64_t size,
                                        SeededWeights& random);

}  // namespace trtprof::samples
