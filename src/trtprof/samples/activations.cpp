#include "trtprof/samples/activations.h"

#include <algorithm>
#include <cstddef>

namespace trtprof::samples {
namespace {

// Exact: the operands are floats.
double product(float a, float b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

std::size_t index(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

}  // namespace

Activations::Activations(std::int64_t image_count, std::int64_t channel_count, std::int64_t rows, std::int64_t columns)
    : images(image_count),
      channels(channel_count),
      height(rows),
      width(columns),
      values(index(image_count * channel_count * rows * columns)) {}

std::span<float> Activations::plane(std::int64_t image, std::int64_t channel) {
  return std::span(values).subspan(index((image * channels + channel) * positions()), index(positions()));
}

std::span<const float> Activations::plane(std::int64_t image, std::int64_t channel) const {
  return std::span(values).subspan(index((image * channels + channel) * positions()), index(positions()));
}

std::vector<Moments> moments_of(const Activations& x) {
  const auto count = static_cast<double>(x.images * x.positions());
  std::vector<Moments> moments(index(x.channels));
  for (std::int64_t channel = 0; channel < x.channels; ++channel) {
    double sum = 0.0;
    for (std::int64_t image = 0; image < x.images; ++image) {
      for (const float value : x.plane(image, channel)) sum += static_cast<double>(value);
    }
    const auto mean = static_cast<float>(sum / count);
    double squares = 0.0;
    for (std::int64_t image = 0; image < x.images; ++image) {
      for (const float value : x.plane(image, channel)) squares += product(value - mean, value - mean);
    }
    moments[index(channel)] = {mean, static_cast<float>(squares / count)};
  }
  return moments;
}

void scale_channels(Activations& x, std::span<const float> factor, std::span<const float> offset) {
  for (std::int64_t image = 0; image < x.images; ++image) {
    for (std::int64_t channel = 0; channel < x.channels; ++channel) {
      for (float& value : x.plane(image, channel)) {
        value =
            static_cast<float>(product(value, factor[index(channel)]) + static_cast<double>(offset[index(channel)]));
      }
    }
  }
}

void clip(Activations& x, float low, float high) {
  for (float& value : x.values) value = std::clamp(value, low, high);
}

void add(Activations& x, const Activations& other) {
  std::ranges::transform(x.values, other.values, x.values.begin(), [](float a, float b) { return a + b; });
}

void scale_planes(Activations& x, const Activations& gates) {
  for (std::int64_t image = 0; image < x.images; ++image) {
    for (std::int64_t channel = 0; channel < x.channels; ++channel) {
      const float gate = gates.plane(image, channel)[0];
      for (float& value : x.plane(image, channel)) value *= gate;
    }
  }
}

Activations average_planes(const Activations& x) {
  Activations averages(x.images, x.channels, 1, 1);
  for (std::int64_t image = 0; image < x.images; ++image) {
    for (std::int64_t channel = 0; channel < x.channels; ++channel) {
      double sum = 0.0;
      for (const float value : x.plane(image, channel)) sum += static_cast<double>(value);
      averages.plane(image, channel)[0] = static_cast<float>(sum / static_cast<double>(x.positions()));
    }
  }
  return averages;
}

Activations max_pool(const Activations& x, std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  const auto out_size = [&](std::int64_t in) { return (in + 2 * padding - kernel) / stride + 1; };
  // The window's first and last row or column inside the plane.
  const auto first = [&](std::int64_t out) { return std::max<std::int64_t>(0, out * stride - padding); };
  const auto last = [&](std::int64_t out, std::int64_t in) {
    return std::min(in, out * stride - padding + kernel) - 1;
  };
  Activations y(x.images, x.channels, out_size(x.height), out_size(x.width));
  for (std::int64_t plane = 0; plane < x.images * x.channels; ++plane) {
    const std::span<const float> from = x.plane(plane / x.channels, plane % x.channels);
    const std::span<float> to = y.plane(plane / x.channels, plane % x.channels);
    for (std::int64_t position = 0; position < y.positions(); ++position) {
      const std::int64_t row = position / y.width;
      const std::int64_t column = position % y.width;
      float largest = from[index(first(row) * x.width + first(column))];
      for (std::int64_t i = first(row); i <= last(row, x.height); ++i) {
        for (std::int64_t j = first(column); j <= last(column, x.width); ++j) {
          largest = std::max(largest, from[index(i * x.width + j)]);
        }
      }
      to[index(position)] = largest;
    }
  }
  return y;
}

Activations random_images(std::int64_t images, std::int64_t channels, std::int64_t size, SeededWeights& random) {
  Activations x(images, channels, size, size);
  for (float& value : x.values) value = random.normal();
  return x;
}

}  // namespace trtprof::samples
