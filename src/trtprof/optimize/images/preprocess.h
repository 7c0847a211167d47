// How a picture becomes a model's numbers: a small JSON file beside the pictures, preprocess.json.
//
//   {"resize": {"shortest_side": 256}, "crop": {"width": 224, "height": 224}, "channels": "RGB", "layout": "NCHW",
//    "scale": "1/255", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
//
//   resize         to {"width", "height"}, or so that the {"shortest_side"} has so many pixels (the other one then has
//                  int(n * long / short), as in torchvision's Resize(n)); absent: as it is
//   interpolation  "bilinear", which it is when absent, or "bicubic"; both antialiased, as Pillow's
//   crop           of the centre, as torchvision's CenterCrop, but a picture that is too small is an error
//   channels       "RGB", which it is when absent, "BGR" or "grey"
//   layout         "NCHW", which it is when absent, or "NHWC"
//   scale          what a byte is multiplied with: a number, or "1/255" for that; absent: 1
//   mean, std      one number for each channel in the order of `channels`, or one for all: the model gets
//                  (byte * scale - mean) / std; absent: 0 and 1
//
// Any other key is an error: a slip of the pen would change the numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/optimize/images/image.h"
#include "trtprof/optimize/images/resize.h"

namespace trtprof {

struct ImageSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const ImageSize&) const = default;
};

enum class ChannelOrder { rgb, bgr, grey };

struct Preprocess {
  std::optional<std::uint32_t> shortest_side = {};
  std::optional<ImageSize> resize = {};  // one of the two, or neither
  Interpolation interpolation = Interpolation::bilinear;
  std::optional<ImageSize> crop = {};
  ChannelOrder channels = ChannelOrder::rgb;
  bool channels_last = false;
  float scale = 1.0F;
  std::vector<float> mean = {};  // empty, or one for each channel
  std::vector<float> std = {};
  bool operator==(const Preprocess&) const = default;

  [[nodiscard]] std::uint32_t channel_count() const { return channels == ChannelOrder::grey ? 1 : 3; }
  // Of what any picture becomes; nullopt: it depends on the picture.
  [[nodiscard]] std::optional<ImageSize> size() const;
  // {channels, height, width}, or with the channels last.
  [[nodiscard]] std::vector<std::int64_t> shape(const ImageSize& size) const;
};

// `source` names the text in errors.
[[nodiscard]] Result<Preprocess> preprocess_from_json(std::string_view text, std::string_view source);
[[nodiscard]] Result<Preprocess> load_preprocess(const std::filesystem::path& path);

// The picture in its size and channels, before numbers are made of it. `source` names it in errors.
[[nodiscard]] Result<Image> prepared(const Image& image, const Preprocess& preprocess, std::string_view source);
// In the layout, appended to `numbers`. With neither scale nor mean nor std these are the bytes.
void append_numbers(const Image& prepared, const Preprocess& preprocess, std::vector<float>& numbers);

}  // namespace trtprof
