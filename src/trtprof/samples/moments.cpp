#include "trtprof/samples/moments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace trtprof::samples {
namespace {

// Exact: the operands are floats.
double product(float a, float b) {
  return static_cast<double>(a) * static_cast<double>(b);
}
float rounded(double value) {
  return static_cast<float>(value);
}

// The taps [first, last) of a kernel's axis that fall inside the map, and at how many output positions it is those.
using TapRange = std::pair<std::int64_t, std::int64_t>;
using TapCounts = std::map<TapRange, std::int64_t>;

TapCounts count_tap_ranges(std::int64_t in, std::int64_t out, const ConvGeometry& geometry) {
  TapCounts counts;
  for (std::int64_t position = 0; position < out; ++position) {
    const std::int64_t start = position * geometry.stride - geometry.padding;
    ++counts[{std::max<std::int64_t>(0, -start), std::min(geometry.kernel, in - start)}];
  }
  return counts;
}

// What each tap of one output channel's kernel contributes, summed over its input channels.
struct TapSums {
  std::vector<double> mean;
  std::vector<double> variance;
};

TapSums sums_of_taps(std::span<const Moments> inputs, std::span<const float> weights, std::size_t taps) {
  TapSums sums{std::vector<double>(taps), std::vector<double>(taps)};
  for (std::size_t channel = 0; channel < inputs.size(); ++channel) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const float weight = weights[channel * taps + tap];
      sums.mean[tap] += product(weight, inputs[channel].mean);
      sums.variance[tap] += product(rounded(product(weight, weight)), inputs[channel].variance);
    }
  }
  return sums;
}

struct PositionClass {
  float positions;  // at most 2^24, so exact
  float mean;
  float variance;
};

std::vector<PositionClass> classes_of_positions(const TapSums& sums, const TapCounts& rows, const TapCounts& columns,
                                                std::int64_t kernel) {
  std::vector<PositionClass> classes;
  for (const auto& [row_taps, row_count] : rows) {
    for (const auto& [column_taps, column_count] : columns) {
      double mean = 0.0;
      double variance = 0.0;
      for (std::int64_t row = row_taps.first; row < row_taps.second; ++row) {
        for (std::int64_t column = column_taps.first; column < column_taps.second; ++column) {
          const auto tap = static_cast<std::size_t>(row * kernel + column);
          mean += sums.mean[tap];
          variance += sums.variance[tap];
        }
      }
      classes.push_back({static_cast<float>(row_count * column_count), rounded(mean), rounded(variance)});
    }
  }
  return classes;
}

// Variance over all positions: that within a class, and that of the classes' means.
Moments pool(const std::vector<PositionClass>& classes) {
  double positions = 0.0;
  double mean_sum = 0.0;
  for (const PositionClass& c : classes) {
    positions += static_cast<double>(c.positions);
    mean_sum += product(c.positions, c.mean);
  }
  Moments moments;
  moments.mean = rounded(mean_sum / positions);
  double variance_sum = 0.0;
  for (const PositionClass& c : classes) {
    const float away = c.mean - moments.mean;
    variance_sum += product(c.positions, rounded(static_cast<double>(c.variance) + product(away, away)));
  }
  moments.variance = rounded(variance_sum / positions);
  return moments;
}

// The normal density at 0, 0.25, ... 4 standard deviations, scaled so that both sides together sum to 1.
constexpr float kStep = 0.25F;
constexpr std::array<float, 17> kNormalWeights = {
    9.97390995e-02F, 9.66704500e-02F, 8.80194464e-02F, 7.52870222e-02F, 6.04948218e-02F, 4.56638872e-02F,
    3.23805448e-02F, 2.15700930e-02F, 1.34982193e-02F, 7.93519376e-03F, 4.38223020e-03F, 2.27347108e-03F,
    1.10800131e-03F, 5.07279965e-04F, 2.18178394e-04F, 8.81520400e-05F, 3.34587404e-05F};

}  // namespace

std::vector<Moments> moments_of_convolution(std::span<const Moments> inputs, std::span<const float> weights,
                                            const ConvGeometry& geometry) {
  const TapCounts rows = count_tap_ranges(geometry.in_height, geometry.out_height(), geometry);
  const TapCounts columns = count_tap_ranges(geometry.in_width, geometry.out_width(), geometry);
  const auto taps = static_cast<std::size_t>(geometry.kernel * geometry.kernel);
  const std::size_t in_per_group = inputs.size() / static_cast<std::size_t>(geometry.groups);
  const std::size_t outputs = weights.size() / (in_per_group * taps);
  const std::size_t out_per_group = outputs / static_cast<std::size_t>(geometry.groups);
  std::vector<Moments> moments;
  for (std::size_t output = 0; output < outputs; ++output) {
    const std::size_t group = output / out_per_group;
    const TapSums sums = sums_of_taps(inputs.subspan(group * in_per_group, in_per_group),
                                      weights.subspan(output * in_per_group * taps, in_per_group * taps), taps);
    moments.push_back(pool(classes_of_positions(sums, rows, columns, geometry.kernel)));
  }
  return moments;
}

Moments moments_of_activation(const Moments& input, const std::function<float(float)>& f) {
  const float deviation = std::sqrt(input.variance);
  double mean = 0.0;
  double square = 0.0;
  constexpr int kLast = static_cast<int>(kNormalWeights.size()) - 1;
  std::array<float, 2 * kNormalWeights.size() - 1> values{};
  for (int i = -kLast; i <= kLast; ++i) {
    const float x = rounded(static_cast<double>(input.mean) + product(deviation, static_cast<float>(i) * kStep));
    values[static_cast<std::size_t>(i + kLast)] = f(x);
    mean += product(kNormalWeights[static_cast<std::size_t>(std::abs(i))], values[static_cast<std::size_t>(i + kLast)]);
  }
  const float rounded_mean = rounded(mean);
  for (int i = -kLast; i <= kLast; ++i) {
    const float away = values[static_cast<std::size_t>(i + kLast)] - rounded_mean;
    square += product(kNormalWeights[static_cast<std::size_t>(std::abs(i))], rounded(product(away, away)));
  }
  return {rounded_mean, rounded(square)};
}

Moments moments_of_sum(const Moments& a, const Moments& b) {
  return {a.mean + b.mean, a.variance + b.variance};
}

}  // namespace trtprof::samples
