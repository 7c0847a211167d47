#include <array>
#include <csetjmp>
#include <cstring>
#include <png.h>
#include <string>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/images/image.h"

namespace trtprof {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr png_uint_32 kMostSide = 1'000'000;  // libpng's own limit
constexpr png_alloc_size_t kMostChunkBytes = std::size_t{8}
                                             << 20;  // of text and profiles, unpacked; libpng's own limit
constexpr std::size_t kMessageBytes = 200;

// libpng reports an error by a function that must not return: it jumps to the setjmp() of the call in progress. Nothing
// with a destructor lives between there and here, and every call below has a setjmp() of its own.
struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string_view rest;
  std::array<char, kMessageBytes> message = {};
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto& decoder = *static_cast<Decoder*>(png_get_error_ptr(png));
  std::strncpy(decoder.message.data(), message, decoder.message.size() - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep to, png_size_t count) {
  auto& decoder = *static_cast<Decoder*>(png_get_io_ptr(png));
  if (count > decoder.rest.size()) png_error(png, "it ends too early");
  std::memcpy(to, decoder.rest.data(), count);
  decoder.rest.remove_prefix(count);
}

// False, with the message, when it failed: so with the one below.
bool read_header(Decoder& decoder) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  png_set_user_limits(decoder.png, kMostSide, kMostSide);
  png_set_chunk_malloc_max(decoder.png, kMostChunkBytes);
  png_set_read_fn(decoder.png, &decoder, read_bytes);
  png_read_info(decoder.png, decoder.info);
  const int color = png_get_color_type(decoder.png, decoder.info);
  png_set_strip_16(decoder.png);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(decoder.png);
  if ((color & PNG_COLOR_MASK_COLOR) == 0) {
    png_set_expand_gray_1_2_4_to_8(decoder.png);
    png_set_gray_to_rgb(decoder.png);
  }
  png_set_strip_alpha(decoder.png);
  png_set_interlace_handling(decoder.png);
  png_read_update_info(decoder.png, decoder.info);
  return true;
}

bool read_pixels(Decoder& decoder, png_bytepp rows) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  png_read_image(decoder.png, rows);
  png_read_end(decoder.png, nullptr);
  return true;
}

Result<Image> decode(Decoder& decoder, const std::string& file) {
  const auto broken = [&] {
    return fail(fmt::format("{} is no good PNG: {}", file, printable(decoder.message.data())));
  };
  if (!read_header(decoder)) return broken();
  Image image{png_get_image_width(decoder.png, decoder.info), png_get_image_height(decoder.png, decoder.info), 3, {}};
  if (std::uint64_t{image.width} * image.height > kMostPixels) {
    return fail(
        fmt::format("{} claims {}x{} pixels, more than {} are not read", file, image.width, image.height, kMostPixels));
  }
  const std::size_t row_bytes = std::size_t{image.width} * 3;
  if (png_get_rowbytes(decoder.png, decoder.info) != row_bytes) {
    return fail(fmt::format("{} is a PNG of a kind that has no colours", file));
  }
  image.pixels.resize(row_bytes * image.height);
  std::vector<png_bytep> rows;
  rows.reserve(image.height);
  for (std::uint32_t row = 0; row < image.height; ++row) rows.push_back(image.pixels.data() + row_bytes * row);
  if (!read_pixels(decoder, rows.data())) return broken();
  return image;
}

}  // namespace

bool is_png(std::string_view bytes) {
  return bytes.size() >= kSignatureBytes &&
         png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, kSignatureBytes) == 0;
}

Result<Image> decode_png(std::string_view bytes, std::string_view source) {
  Decoder decoder;
  decoder.rest = bytes;
  const std::string file = printable(source);
  decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, on_error, on_warning);
  if (decoder.png != nullptr) decoder.info = png_create_info_struct(decoder.png);
  auto image = decoder.info == nullptr ? Result<Image>(fail(fmt::format("libpng has no memory for {}", file)))
                                       : decode(decoder, file);
  png_destroy_read_struct(&decoder.png, &decoder.info, nullptr);
  return image;
}

}  // namespace trtprof
