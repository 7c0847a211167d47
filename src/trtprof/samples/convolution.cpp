#include "trtprof/samples/convolution.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace trtprof::samples {
namespace {

std::size_t index(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

// What both ways below need to know of one group of channels of one image.
struct Group {
  std::int64_t image = 0;
  std::int64_t first_input = 0;
  std::int64_t inputs = 0;
  std::int64_t first_output = 0;
  std::int64_t outputs = 0;
  [[nodiscard]] std::int64_t filter(const ConvGeometry& geometry) const {
    return inputs * geometry.kernel * geometry.kernel;
  }
};

// ---- few outputs per group (depthwise): one tap after the other over the whole plane

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
    const std::int64_t start = (row * stride - row_shift) * in_width - column_shift;  // may lie before the plane
    for (std::int64_t column = columns.first; column < columns.last; ++column) {
      out[column] += static_cast<double>(weight) * static_cast<double>(plane[index(start + column * stride)]);
    }
  }
}

void convolve_by_taps(const Activations& x, std::span<const float> weights, const ConvGeometry& geometry,
                      const Group& group, Activations& y) {
  const std::int64_t kernel = geometry.kernel;
  const std::int64_t filter = group.filter(geometry);
  std::vector<double> sums(index(y.positions()));
  for (std::int64_t output = group.first_output; output < group.first_output + group.outputs; ++output) {
    std::ranges::fill(sums, 0.0);
    for (std::int64_t tap = 0; tap < filter; ++tap) {
      const std::int64_t row = tap / kernel % kernel;
      const std::int64_t column = tap % kernel;
      add_tap(sums, y.width, x.plane(group.image, group.first_input + tap / (kernel * kernel)), x.width,
              weights[index(output * filter + tap)], reach_of_tap(row, x.height, y.height, geometry),
              reach_of_tap(column, x.width, y.width, geometry), geometry.padding - row, geometry.padding - column,
              geometry.stride);
    }
    std::ranges::transform(sums, y.plane(group.image, output).begin(),
                           [](double sum) { return static_cast<float>(sum); });
  }
}

// ---- many outputs per group: a product of two matrices, in blocks that stay in registers

constexpr std::int64_t kBlockOutputs = 4;
constexpr std::int64_t kBlockPositions = 4;
using Block = std::array<double, static_cast<std::size_t>(kBlockOutputs* kBlockPositions)>;

// What each output position sees, [block of positions][tap][position in the block]; zeros beyond the input's edge and
// the last position.
std::vector<double> columns_of(const Activations& x, const Activations& y, const ConvGeometry& geometry,
                               const Group& group) {
  const std::int64_t kernel = geometry.kernel;
  const std::int64_t filter = group.filter(geometry);
  const std::int64_t blocks = (y.positions() + kBlockPositions - 1) / kBlockPositions;
  std::vector<double> columns(index(blocks * filter * kBlockPositions));
  for (std::int64_t tap = 0; tap < filter; ++tap) {
    const std::span<const float> plane = x.plane(group.image, group.first_input + tap / (kernel * kernel));
    for (std::int64_t position = 0; position < y.positions(); ++position) {
      const std::int64_t row = position / y.width * geometry.stride + tap / kernel % kernel - geometry.padding;
      const std::int64_t column = position % y.width * geometry.stride + tap % kernel - geometry.padding;
      if (row < 0 || row >= x.height || column < 0 || column >= x.width) continue;
      const std::int64_t at = (position / kBlockPositions * filter + tap) * kBlockPositions;
      columns[index(at + position % kBlockPositions)] = static_cast<double>(plane[index(row * x.width + column)]);
    }
  }
  return columns;
}

// [tap][output in the block] of the filters from `first` on; zeros past the last.
void pack_filters(std::span<const float> weights, std::int64_t first, std::int64_t count, std::int64_t filter,
                  std::span<double> packed) {
  std::ranges::fill(packed, 0.0);
  for (std::int64_t output = 0; output < count; ++output) {
    for (std::int64_t tap = 0; tap < filter; ++tap) {
      packed[index(tap * kBlockOutputs + output)] =
          static_cast<double>(weights[index((first + output) * filter + tap)]);
    }
  }
}

Block multiply(const double* filters, const double* columns, std::int64_t filter) {
  Block sums = {};
  for (std::int64_t tap = 0; tap < filter; ++tap, filters += kBlockOutputs, columns += kBlockPositions) {
    for (std::int64_t output = 0; output < kBlockOutputs; ++output) {
      for (std::int64_t position = 0; position < kBlockPositions; ++position) {
        sums[index(output * kBlockPositions + position)] += filters[output] * columns[position];
      }
    }
  }
  return sums;
}

void convolve_by_blocks(const Activations& x, std::span<const float> weights, const ConvGeometry& geometry,
                        const Group& group, Activations& y) {
  const std::int64_t filter = group.filter(geometry);
  const std::vector<double> columns = columns_of(x, y, geometry, group);
  std::vector<double> filters(index(filter * kBlockOutputs));
  for (std::int64_t first = 0; first < group.outputs; first += kBlockOutputs) {
    const std::int64_t outputs = std::min(kBlockOutputs, group.outputs - first);
    pack_filters(weights, group.first_output + first, outputs, filter, filters);
    for (std::int64_t start = 0; start < y.positions(); start += kBlockPositions) {
      const Block sums = multiply(filters.data(), columns.data() + start * filter, filter);
      const std::int64_t positions = std::min(kBlockPositions, y.positions() - start);
      for (std::int64_t output = 0; output < outputs; ++output) {
        const auto from = sums.begin() + output * kBlockPositions;
        std::transform(from, from + positions,
                       y.plane(group.image, group.first_output + first + output).begin() + start,
                       [](double sum) { return static_cast<float>(sum); });
      }
    }
  }
}

}  // namespace

Activations convolve(const Activations& x, std::span<const float> weights, const ConvGeometry& geometry) {
  const auto out_size = [&](std::int64_t in) {
    return (in + 2 * geometry.padding - geometry.kernel) / geometry.stride + 1;
  };
  Group group;
  group.inputs = x.channels / geometry.groups;
  group.outputs = static_cast<std::int64_t>(weights.size()) / group.filter(geometry) / geometry.groups;
  const auto way = group.outputs < kBlockOutputs ? &convolve_by_taps : &convolve_by_blocks;
  Activations y(x.images, group.outputs * geometry.groups, out_size(x.height), out_size(x.width));
  for (group.image = 0; group.image < x.images; ++group.image) {
    for (std::int64_t number = 0; number < geometry.groups; ++number) {
      group.first_input = number * group.inputs;
      group.first_output = number * group.outputs;
      way(x, weights, geometry, group, y);
    }
  }
  return y;
}

}  // namespace trtprof::samples
