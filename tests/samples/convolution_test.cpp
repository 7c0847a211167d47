#include "trtprof/samples/convolution.h"

#include <gtest/gtest.h>

namespace trtprof::samples {
namespace {

// The definition, position by position.
float convolved_at(const Activations& x, const std::vector<float>& weights, const ConvGeometry& g, std::int64_t image,
                   std::int64_t output, std::int64_t outputs, std::int64_t row, std::int64_t column) {
  const std::int64_t in_per_group = x.channels / g.groups;
  const std::int64_t group = output / (outputs / g.groups);
  double sum = 0.0;
  for (std::int64_t c = 0; c < in_per_group; ++c) {
    for (std::int64_t i = 0; i < g.kernel; ++i) {
      for (std::int64_t j = 0; j < g.kernel; ++j) {
        const std::int64_t y = row * g.stride + i - g.padding;
        const std::int64_t z = column * g.stride + j - g.padding;
        if (y < 0 || y >= x.height || z < 0 || z >= x.width) continue;
        const auto weight =
            weights[static_cast<std::size_t>(((output * in_per_group + c) * g.kernel + i) * g.kernel + j)];
        sum += static_cast<double>(weight) *
               static_cast<double>(x.plane(image, group * in_per_group + c)[static_cast<std::size_t>(y * x.width + z)]);
      }
    }
  }
  return static_cast<float>(sum);
}

TEST(Convolve, IsTheDefinition) {
  struct Case {
    std::int64_t channels, outputs, height, width;
    ConvGeometry geometry;
  };
  const std::vector<Case> cases = {
      {3, 4, 5, 7, {1, 1, 0, 1}}, {3, 4, 5, 7, {3, 1, 1, 1}},  {3, 2, 6, 7, {3, 2, 1, 1}}, {4, 4, 5, 5, {3, 1, 1, 4}},
      {4, 8, 4, 4, {3, 2, 1, 2}}, {2, 3, 1, 1, {3, 1, 1, 1}},  {2, 3, 1, 1, {3, 2, 1, 1}}, {1, 1, 2, 2, {5, 1, 2, 1}},
      {3, 2, 9, 8, {7, 2, 3, 1}}, {2, 2, 1, 9, {5, 2, 2, 2}},  {2, 2, 4, 4, {1, 2, 0, 1}}, {5, 9, 5, 3, {3, 1, 1, 1}},
      {3, 6, 9, 7, {7, 2, 3, 1}}, {6, 10, 3, 3, {3, 2, 1, 2}}, {9, 4, 1, 1, {1, 1, 0, 1}},
  };
  SeededWeights random(9);
  for (const Case& c : cases) {
    Activations x(2, c.channels, c.height, c.width);
    for (float& value : x.values) value = random.normal();
    std::vector<float> weights(
        static_cast<std::size_t>(c.outputs * c.channels / c.geometry.groups * c.geometry.kernel * c.geometry.kernel));
    for (float& weight : weights) weight = random.normal();
    const Activations y = convolve(x, weights, c.geometry);
    ASSERT_EQ(y.channels, c.outputs);
    for (std::int64_t image = 0; image < y.images; ++image) {
      for (std::int64_t output = 0; output < y.channels; ++output) {
        for (std::int64_t p = 0; p < y.positions(); ++p) {
          EXPECT_FLOAT_EQ(y.plane(image, output)[static_cast<std::size_t>(p)],
                          convolved_at(x, weights, c.geometry, image, output, c.outputs, p / y.width, p % y.width))
              << c.channels << "->" << c.outputs << " kernel " << c.geometry.kernel << " position " << p;
        }
      }
    }
  }
}

}  // namespace
}  // namespace trtprof::samples
