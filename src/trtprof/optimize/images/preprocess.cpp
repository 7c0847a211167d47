#include "trtprof/optimize/images/preprocess.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

ImageSize with_shortest_side(const Image& image, std::uint32_t side) {
  const std::uint64_t shorter = std::min(image.width, image.height);
  const std::uint64_t longer = std::max(image.width, image.height);
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  const auto other = static_cast<std::uint32_t>(std::min(std::uint64_t{side} * longer / shorter, most));
  return image.width <= image.height ? ImageSize{side, other} : ImageSize{other, side};
}

float of_channel(const std::vector<float>& values, std::size_t channel, float otherwise) {
  return values.empty() ? otherwise : values[values.size() == 1 ? 0 : channel];
}

}  // namespace

std::optional<ImageSize> Preprocess::size() const {
  return crop ? crop : resize;
}

std::vector<std::int64_t> Preprocess::shape(const ImageSize& size) const {
  const auto height = std::int64_t{size.height};
  const auto width = std::int64_t{size.width};
  const auto count = std::int64_t{channel_count()};
  return channels_last ? std::vector{height, width, count} : std::vector{count, height, width};
}

Result<Image> prepared(const Image& image, const Preprocess& preprocess, std::string_view source) {
  Image result = preprocess.channels == ChannelOrder::grey ? to_grey(image) : image;
  std::optional<ImageSize> size = preprocess.resize;
  if (preprocess.shortest_side) size = with_shortest_side(image, *preprocess.shortest_side);
  if (size) {
    // Between the two passes of resizing it has the new width and the old height.
    if (std::uint64_t{size->width} * std::max(size->height, image.height) > kMostPixels) {
      return fail(fmt::format("{} is {}x{} and would be {}x{} pixels", printable(source), image.width, image.height,
                              size->width, size->height));
    }
    result = resized(result, size->width, size->height, preprocess.interpolation);
  }
  if (!preprocess.crop) return result;
  if (result.width < preprocess.crop->width || result.height < preprocess.crop->height) {
    return fail(fmt::format("{} is {}x{} where {}x{} pixels are cropped", printable(source), result.width,
                            result.height, preprocess.crop->width, preprocess.crop->height),
                "resize it first: \"resize\" of the preprocessing");
  }
  return centre_cropped(result, preprocess.crop->width, preprocess.crop->height);
}

void append_numbers(const Image& prepared, const Preprocess& preprocess, std::vector<float>& numbers) {
  constexpr std::array<std::size_t, 3> reversed = {2, 1, 0};
  const std::size_t channels = prepared.channels;
  const std::size_t pixels = prepared.pixels.size() / channels;
  const std::size_t begin = numbers.size();
  numbers.resize(begin + prepared.pixels.size());
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::size_t from = preprocess.channels == ChannelOrder::bgr ? reversed[channel] : channel;
    const float mean = of_channel(preprocess.mean, channel, 0.0F);
    const float std = of_channel(preprocess.std, channel, 1.0F);
    for (std::size_t i = 0; i < pixels; ++i) {
      const auto byte = static_cast<float>(prepared.pixels[i * channels + from]);
      const std::size_t to = preprocess.channels_last ? i * channels + channel : channel * pixels + i;
      numbers[begin + to] = (byte * preprocess.scale - mean) / std;
    }
  }
}

}  // namespace trtprof
