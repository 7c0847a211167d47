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

// The output positions [first, last) of one axis at which a tap lies inside the input.
struct Reach {
  std::int64_t first;
  std::int64_t last;
};

Reach reach_of_tap(std::int64_t tap, std::int64_t in, std::int64_t out, const ConvGeometry& geometry) {
  const std::int64_t shift = geometry.padding - tap;  // input position = output position * stride - shift
  const std::int64_t first = shift > 0 ? (shift + geometry.stride - 1) / geometry.stride : 0;
  const std::int64_t last = (in - 1 + shift) < 0 ? 0 : (in - 1 + shift) / geometry.stride + 1;
  return {first, std::min(last, out)};
}

// Adds one tap of one input plane to the sums of an output plane.
void add_tap(std::span<double> sums, std::int64_t out_width, std::span<const float> plane, std::int64_t in_width,
             float weight, const Reach& rows, const Reach& columns, std::int64_t row_shift, std::int64_t column_shift,
             std::int64_t stride) {
  for (std::int64_t row = rows.first; row < rows.last; ++row) {
    double* out = sums.data() + row * out_width;
    const float* in = plane.data() + (row * stride - row_shift) * in_width - column_shift;
    for (std::int64_t column = columns.first; column < columns.last; ++column) {
      out[column] += product(weight, in[column * stride]);
    }
  }
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

Activations convolve(const Activations& x, std::span<const float> weights, const ConvGeometry& geometry) {
  const std::int64_t kernel = geometry.kernel;
  const auto out_size = [&](std::int64_t in) { return (in + 2 * geometry.padding - kernel) / geometry.stride + 1; };
  const std::int64_t in_per_group = x.channels / geometry.groups;
  const std::int64_t filter = in_per_group * kernel * kernel;
  const std::int64_t outputs = static_cast<std::int64_t>(weights.size()) / filter;
  Activations y(x.images, outputs, out_size(x.height), out_size(x.width));
  std::vector<double> sums(index(y.positions()));
  for (std::int64_t image = 0; image < x.images; ++image) {
    for (std::int64_t output = 0; output < outputs; ++output) {
      const std::int64_t first_input = output / (outputs / geometry.groups) * in_per_group;
      std::fill(sums.begin(), sums.end(), 0.0);
      for (std::int64_t tap = 0; tap < filter; ++tap) {
        const std::int64_t row = tap / kernel % kernel;
        const std::int64_t column = tap % kernel;
        add_tap(sums, y.width, x.plane(image, first_input + tap / (kernel * kernel)), x.width,
                weights[index(output * filter + tap)], reach_of_tap(row, x.height, y.height, geometry),
                reach_of_tap(column, x.width, y.width, geometry), geometry.padding - row, geometry.padding - column,
                geometry.stride);
      }
      std::transform(sums.begin(), sums.end(), y.plane(image, output).begin(),
                     [](double sum) { return static_cast<float>(sum); });
    }
  }
  return y;
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
  std::transform(x.values.begin(), x.values.end(), other.values.begin(), x.values.begin(),
                 [](float a, float b) { return a + b; });
}

Activations random_images(std::int64_t images, std::int64_t channels, std::int64_t size, SeededWeights& random) {
  Activations x(images, channels, size, size);
  for (float& value : x.values) value = random.normal();
  return x;
}

}  // namespace trtprof::samples
