// Values of [images, channels, height, width] on the host, and what networks do to them: enough to measure the
// statistics of a network while it is being made, so that every layer's scale is healthy by construction and not by
// luck. Convolutions are in convolution.h, activation functions in nonlinearities.h.
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
// Every plane times the one value of `gates`, [images, channels, 1, 1], for its image and channel.
void scale_planes(Activations& x, const Activations& gates);

// The average over positions: [images, channels, 1, 1].
[[nodiscard]] Activations average_planes(const Activations& x);
// The largest value of a square window, over the positions of it that lie inside the plane.
[[nodiscard]] Activations max_pool(const Activations& x, std::int64_t kernel, std::int64_t stride,
                                   std::int64_t padding);

[[nodiscard]] Activations random_images(std::int64_t images, std::int64_t channels, std::int64_t size,
                                        SeededWeights& random);

}  // namespace trtprof::samples
