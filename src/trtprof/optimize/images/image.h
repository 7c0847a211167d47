// A decoded picture, and the decoders: JPEG by libjpeg, PNG by libpng.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"

namespace trtprof {

// Rows from the top, pixels from the left, channels together.
struct Image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 3;  // 3: red, green, blue; 1: grey
  std::vector<std::uint8_t> pixels;
  bool operator==(const Image&) const = default;
};

// More is refused before memory is taken for it: what a small file claims need not be true. Pillow warns of half as
// many.
inline constexpr std::uint64_t kMostPixels = 178'956'970;

// As Pillow's open().convert("RGB") gives them: grey and palettes become colours, transparency is dropped, 16 bits lose
// their lower 8, neither gamma nor colour profiles nor the orientation of EXIF are applied. But for greys of 16 bits:
// Pillow clips them at 255, which makes nearly all white, and here they lose their lower 8, too. Told apart by content.
// Fails, naming `source`, for what is neither, damaged, truncated, CMYK, or larger than kMostPixels.
[[nodiscard]] Result<Image> decode_image(std::string_view bytes, std::string_view source);
[[nodiscard]] Result<Image> load_image(const std::filesystem::path& path);

// One format each.
[[nodiscard]] bool is_jpeg(std::string_view bytes);
[[nodiscard]] Result<Image> decode_jpeg(std::string_view bytes, std::string_view source);
[[nodiscard]] bool is_png(std::string_view bytes);
[[nodiscard]] Result<Image> decode_png(std::string_view bytes, std::string_view source);

// As Pillow's convert("L"): ITU-R 601-2 luma in 16 bits, rounded.
[[nodiscard]] Image to_grey(const Image& image);

}  // namespace trtprof
