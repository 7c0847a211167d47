#include <array>
#include <csetjmp>
#include <cstdio>  // jpeglib.h wants FILE
#include <jerror.h>
#include <jpeglib.h>
#include <string>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/images/image.h"

namespace trtprof {
namespace {

// A progressive file may claim any number of scans, each over the whole picture: libjpeg-turbo's own fuzzers stop here.
constexpr int kMostScans = 500;

// libjpeg reports an error by a function that must not return: it jumps to the setjmp() of the call in progress.
// Nothing with a destructor lives between there and here, and every call below has a setjmp() of its own.
struct Decoder {
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  std::jmp_buf failed = {};
  std::array<char, JMSG_LENGTH_MAX> message = {};
};

Decoder& decoder_of(j_common_ptr jpeg) {
  return *static_cast<Decoder*>(jpeg->client_data);
}

[[noreturn]] void on_error(j_common_ptr jpeg) {
  Decoder& decoder = decoder_of(jpeg);
  jpeg->err->format_message(jpeg, decoder.message.data());
  std::longjmp(decoder.failed, 1);
}

// Warnings (level -1) are of files that decoders show all the same, as Pillow does; of a truncated one the rest would
// be grey, which is not its picture.
void on_message(j_common_ptr jpeg, int level) {
  if (level < 0 && jpeg->err->msg_code == JWRN_JPEG_EOF) on_error(jpeg);
}

void on_progress(j_common_ptr jpeg) {
  if (jpeg->is_decompressor != 0 && reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMostScans) {
    ERREXIT(jpeg, JERR_BAD_PROGRESSION);
  }
}

// False, with the message, when it failed: so with the two below.
bool read_header(Decoder& decoder, std::string_view bytes) {
  decoder.jpeg.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = on_error;
  decoder.errors.emit_message = on_message;
  decoder.jpeg.client_data = &decoder;
  if (setjmp(decoder.failed) != 0) return false;
  jpeg_create_decompress(&decoder.jpeg);
  decoder.progress.progress_monitor = on_progress;
  decoder.jpeg.progress = &decoder.progress;
  jpeg_mem_src(&decoder.jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&decoder.jpeg, TRUE);
  return true;
}

bool read_pixels(Decoder& decoder, std::uint8_t* pixels) {
  if (setjmp(decoder.failed) != 0) return false;
  decoder.jpeg.out_color_space = JCS_RGB;
  jpeg_start_decompress(&decoder.jpeg);
  const std::size_t row_bytes = std::size_t{decoder.jpeg.output_width} * 3;
  while (decoder.jpeg.output_scanline < decoder.jpeg.output_height) {
    JSAMPROW row = pixels + row_bytes * decoder.jpeg.output_scanline;
    jpeg_read_scanlines(&decoder.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&decoder.jpeg);
  return true;
}

Result<Image> decode(Decoder& decoder, std::string_view bytes, const std::string& file) {
  const auto broken = [&] {
    return fail(fmt::format("{} is no good JPEG: {}", file, printable(decoder.message.data())));
  };
  if (!read_header(decoder, bytes)) return broken();
  if (decoder.jpeg.jpeg_color_space == JCS_CMYK || decoder.jpeg.jpeg_color_space == JCS_YCCK) {
    return fail(fmt::format("{} is a JPEG in CMYK, for printing", file), "convert it to RGB");
  }
  Image image{decoder.jpeg.image_width, decoder.jpeg.image_height, 3, {}};
  if (std::uint64_t{image.width} * image.height > kMostPixels) {
    return fail(
        fmt::format("{} claims {}x{} pixels, more than {} are not read", file, image.width, image.height, kMostPixels));
  }
  image.pixels.resize(std::size_t{image.width} * image.height * 3);
  if (!read_pixels(decoder, image.pixels.data())) return broken();
  return image;
}

}  // namespace

bool is_jpeg(std::string_view bytes) {
  return bytes.starts_with("\xFF\xD8\xFF");
}

Result<Image> decode_jpeg(std::string_view bytes, std::string_view source) {
  Decoder decoder;
  auto image = decode(decoder, bytes, printable(source));
  jpeg_destroy_decompress(&decoder.jpeg);
  return image;
}

}  // namespace trtprof
