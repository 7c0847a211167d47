#include "trtprof/optimize/images/resize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace trtprof {
namespace {

constexpr int kPrecisionBits = 22;  // 32 less 8 of a pixel and 2 of headroom
constexpr double kOne = std::int64_t{1} << kPrecisionBits;

double bilinear(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

// Keys' cubic convolution with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
}

// What one pixel of the result is made of: those from `first` on.
struct Taps {
  std::size_t first = 0;
  std::vector<std::int32_t> weights;
};

std::vector<Taps> taps_of(std::uint32_t from, std::uint32_t to, Interpolation interpolation) {
  const bool cubic = interpolation == Interpolation::bicubic;
  const double scale = static_cast<double>(from) / to;
  const double filter_scale = std::max(scale, 1.0);
  const double support = (cubic ? 2.0 : 1.0) * filter_scale;
  std::vector<Taps> all(to);
  std::vector<double> weights;
  for (std::uint32_t at = 0; at < to; ++at) {
    const double center = (at + 0.5) * scale;
    const auto first = static_cast<std::uint32_t>(std::floor(std::max(center - support + 0.5, 0.0)));
    const auto end = std::min(static_cast<std::uint32_t>(std::floor(center + support + 0.5)), from);
    weights.clear();
    double sum = 0.0;
    for (std::uint32_t i = first; i < end; ++i) {
      const double x = (i - center + 0.5) / filter_scale;
      weights.push_back(cubic ? bicubic(x) : bilinear(x));
      sum += weights.back();
    }
    all[at].first = first;
    for (const double weight : weights) {
      const double fixed = (sum == 0.0 ? weight : weight / sum) * kOne;
      all[at].weights.push_back(static_cast<std::int32_t>(std::lround(fixed)));
    }
  }
  return all;
}

std::uint8_t rounded(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

// `stride`: from a pixel to the next of the direction that is resized.
std::uint8_t filtered(const std::uint8_t* pixels, std::size_t stride, const Taps& taps) {
  std::int32_t sum = 1 << (kPrecisionBits - 1);
  const std::uint8_t* pixel = pixels + taps.first * stride;
  for (const std::int32_t weight : taps.weights) {
    sum += *pixel * weight;
    pixel += stride;
  }
  return rounded(sum);
}

Image resized_across(const Image& image, std::uint32_t width, Interpolation interpolation) {
  const auto taps = taps_of(image.width, width, interpolation);
  const std::size_t channels = image.channels;
  Image result{width, image.height, image.channels, {}};
  result.pixels.reserve(std::size_t{width} * image.height * channels);
  for (std::size_t y = 0; y < image.height; ++y) {
    const std::uint8_t* row = image.pixels.data() + y * image.width * channels;
    for (const Taps& tap : taps) {
      for (std::size_t c = 0; c < channels; ++c) result.pixels.push_back(filtered(row + c, channels, tap));
    }
  }
  return result;
}

Image resized_down(const Image& image, std::uint32_t height, Interpolation interpolation) {
  const auto taps = taps_of(image.height, height, interpolation);
  const std::size_t row = std::size_t{image.width} * image.channels;
  Image result{image.width, height, image.channels, {}};
  result.pixels.reserve(row * height);
  for (const Taps& tap : taps) {
    for (std::size_t x = 0; x < row; ++x) result.pixels.push_back(filtered(image.pixels.data() + x, row, tap));
  }
  return result;
}

// Python's round(): a half goes to the even number.
std::size_t half_of(std::size_t rest) {
  return rest / 2 + (rest % 4 == 3 ? 1 : 0);
}

}  // namespace

Image resized(const Image& image, std::uint32_t width, std::uint32_t height, Interpolation interpolation) {
  if (width == image.width) return height == image.height ? image : resized_down(image, height, interpolation);
  if (height == image.height) return resized_across(image, width, interpolation);
  return resized_down(resized_across(image, width, interpolation), height, interpolation);
}

Image centre_cropped(const Image& image, std::uint32_t width, std::uint32_t height) {
  const std::size_t channels = image.channels;
  const std::size_t left = half_of(image.width - width);
  const std::size_t top = half_of(image.height - height);
  Image result{width, height, image.channels, {}};
  result.pixels.reserve(std::size_t{width} * height * channels);
  for (std::size_t y = 0; y < height; ++y) {
    const auto row = image.pixels.begin() + static_cast<std::ptrdiff_t>(((top + y) * image.width + left) * channels);
    result.pixels.insert(result.pixels.end(), row, row + static_cast<std::ptrdiff_t>(width * channels));
  }
  return result;
}

}  // namespace trtprof
