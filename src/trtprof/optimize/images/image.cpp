#include "trtprof/optimize/images/image.h"

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

namespace trtprof {
namespace {

constexpr std::uint64_t kMostFileBytes = std::uint64_t{512} << 20;

}  // namespace

Result<Image> decode_image(std::string_view bytes, std::string_view source) {
  if (is_jpeg(bytes)) return decode_jpeg(bytes, source);
  if (is_png(bytes)) return decode_png(bytes, source);
  return fail(fmt::format("{} is neither JPEG nor PNG", printable(source)));
}

Result<Image> load_image(const std::filesystem::path& path) {
  const auto bytes = read_file(path, kMostFileBytes);
  if (!bytes) return forward_error(bytes);
  return decode_image(*bytes, path.string());
}

Image to_grey(const Image& image) {
  if (image.channels == 1) return image;
  Image grey{image.width, image.height, 1, {}};
  grey.pixels.reserve(image.pixels.size() / 3);
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
    const std::uint32_t luma =
        image.pixels[i] * 19595U + image.pixels[i + 1] * 38470U + image.pixels[i + 2] * 7471U + 0x8000U;
    grey.pixels.push_back(static_cast<std::uint8_t>(luma >> 16U));
  }
  return grey;
}

}  // namespace trtprof
