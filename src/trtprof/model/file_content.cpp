#include "trtprof/model/file_content.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

// Field numbers of ModelProto in onnx.proto, and those of them that are length-delimited.
constexpr std::uint64_t kIrVersionField = 1;
constexpr std::uint64_t kModelVersionField = 5;
constexpr std::uint64_t kGraphField = 7;
constexpr std::array<std::uint64_t, 9> kDelimitedFields = {2, 3, 4, 6, 7, 8, 14, 20, 25};

// ONNX counts IR versions up by one; anything beyond is a number that happened to be there.
constexpr std::int64_t kLargestPlausibleIrVersion = 999;

enum WireType : std::uint64_t { varint = 0, fixed64 = 1, delimited = 2, fixed32 = 5 };

class OutlineReader {
 public:
  explicit OutlineReader(const fs::path& path) : stream_(path, std::ios::binary) {
    std::error_code error;
    size_ = fs::file_size(path, error);
    if (error) size_ = 0;
  }

  ModelOutline read() {
    outline_.plausible = size_ > 0;
    while (outline_.plausible && !outline_.truncated && position_ < size_) read_field();
    return outline_;
  }

 private:
  void read_field() {
    const auto tag = read_varint();
    if (!tag) return;
    const std::uint64_t field = *tag >> 3;
    const std::uint64_t wire = *tag & 7;
    const bool known_varint = field == kIrVersionField || field == kModelVersionField;
    const bool known_delimited = std::ranges::find(kDelimitedFields, field) != kDelimitedFields.end();
    // Not groups, which proto2 dropped long before ONNX, nor numbers that mean nothing.
    const bool known_wire = wire == varint || wire == delimited || wire == fixed64 || wire == fixed32;
    if (field == 0 || !known_wire || (known_varint && wire != varint) || (known_delimited && wire != delimited)) {
      outline_.plausible = false;
    } else if (wire == varint) {
      const auto value = read_varint();
      if (value && field == kIrVersionField) outline_.ir_version = static_cast<std::int64_t>(*value);
    } else if (wire == delimited) {
      if (const auto length = read_varint()) {
        outline_.has_graph = outline_.has_graph || field == kGraphField;
        skip(*length);
      }
    } else {
      skip(wire == fixed64 ? 8 : 4);
    }
  }

  std::optional<std::uint64_t> read_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const int byte = stream_.get();
      if (byte == std::char_traits<char>::eof()) {
        outline_.truncated = true;
        outline_.claimed_bytes = size_ + 1;
        return std::nullopt;
      }
      ++position_;
      value |= (static_cast<std::uint64_t>(byte) & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    outline_.plausible = false;
    return std::nullopt;
  }

  void skip(std::uint64_t length) {
    if (length > size_ - position_) {
      outline_.truncated = true;
      outline_.claimed_bytes = length > UINT64_MAX - position_ ? UINT64_MAX : position_ + length;
      return;
    }
    position_ += length;
    stream_.seekg(static_cast<std::streamoff>(position_));
  }

  std::ifstream stream_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
  ModelOutline outline_;
};

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  const char* description;
};

constexpr std::array kSignatures = {
    Signature{0, "PK\x03\x04"sv, "a ZIP archive (PyTorch's .pt and .pth files are such)"},
    Signature{0, "\x1f\x8b"sv, "a gzip file; unpack it first"},
    Signature{0, "BZh"sv, "a bzip2 file; unpack it first"},
    Signature{0,
              "\xfd"
              "7zXZ\0"sv,
              "an xz file; unpack it first"},
    Signature{0, "\x28\xb5\x2f\xfd"sv, "a Zstandard file; unpack it first"},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive; unpack it first"},
    Signature{257, "ustar"sv, "a tar archive; unpack it first"},
    Signature{0, "\x89PNG"sv, "a PNG image"},
    Signature{0, "\xff\xd8\xff"sv, "a JPEG image"},
    Signature{0, "GIF8"sv, "a GIF image"},
    Signature{0, "%PDF"sv, "a PDF document"},
    Signature{0,
              "\x7f"
              "ELF"sv,
              "a Linux program or library"},
    Signature{0, kTensorRtMagic, "a TensorRT engine"},
    Signature{0, kTensorRtRtxMagic, "a TensorRT-RTX engine"},
    Signature{4, "TFL3"sv, "a TensorFlow Lite model"},
    Signature{4, "ORTM"sv, "an ONNX Runtime .ort model; give the .onnx it was made from"},
    Signature{0, "GGUF"sv, "a GGUF model"},
    Signature{0, "\x89HDF"sv, "an HDF5 file (Keras's .h5 files are such)"},
    Signature{0, "\x93NUMPY"sv, "a NumPy array"},
    Signature{0, "\x80\x02"sv, "a Python pickle (older PyTorch files are such)"},
    Signature{0, "\x80\x03"sv, "a Python pickle"},
    Signature{0, "\x80\x04"sv, "a Python pickle"},
    Signature{0, "\x80\x05"sv, "a Python pickle"},
    Signature{0, "version https://git-lfs"sv, "a Git LFS pointer; fetch the file itself with 'git lfs pull'"},
};

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

// A length in 8 bytes, little endian, then a JSON object of that length.
bool is_safetensors(const FileHead& head) {
  if (head.bytes.size() < 9 || head.bytes[8] != '{') return false;
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = (length << 8) | static_cast<unsigned char>(head.bytes[i]);
  return length >= 2 && length <= head.file_bytes - 8;
}

std::string describe_text(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  const std::string_view start = begin == std::string_view::npos ? std::string_view() : text.substr(begin);
  if (starts_with_ignoring_case(start, "<!doctype html") || starts_with_ignoring_case(start, "<html")) {
    return "an HTML page (a download that went wrong?)";
  }
  if (starts_with_ignoring_case(start, "<?xml") || starts_with_ignoring_case(start, "<net")) {
    return start.find("<net") != std::string_view::npos ? "an OpenVINO IR; give the .onnx it was made from"
                                                        : "an XML file";
  }
  if (start.starts_with('{') || start.starts_with('[')) return "a JSON file";
  return "a text file";
}

bool is_text(std::string_view bytes) {
  return std::ranges::none_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x7f || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1b');
  });
}

}  // namespace

Result<FileHead> read_file_head(const fs::path& path) {
  const std::string name = printable(path.string());
  if (path.empty()) return fail("no model file given");
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return fail(name + ": no such file");
  if (error) return fail(fmt::format("{}: {}", name, error.message()));
  if (fs::is_directory(status)) return fail(name + " is a directory, not a model file");
  if (!fs::is_regular_file(status)) return fail(name + " is not a regular file");
  FileHead head;
  head.file_bytes = fs::file_size(path, error);
  if (error) return fail(fmt::format("{}: {}", name, error.message()));
  if (head.file_bytes == 0) return fail(name + " is empty");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  head.bytes.resize(std::min<std::uint64_t>(kFileHeadBytes, head.file_bytes));
  stream.read(head.bytes.data(), static_cast<std::streamsize>(head.bytes.size()));
  if (!stream) {
    const int reason = errno == 0 ? EIO : errno;
    return fail(fmt::format("{} cannot be read: {}", name, std::generic_category().message(reason)));
  }
  return head;
}

bool ModelOutline::looks_like_model() const {
  const bool version_makes_sense = ir_version && *ir_version > 0 && *ir_version <= kLargestPlausibleIrVersion;
  return plausible && version_makes_sense;
}

ModelOutline outline_of_model(const fs::path& path) {
  return OutlineReader(path).read();
}

std::string describe_content(const FileHead& head) {
  for (const Signature& signature : kSignatures) {
    if (head.bytes.size() >= signature.offset &&
        head.bytes.compare(signature.offset, signature.bytes.size(), signature.bytes) == 0) {
      return signature.description;
    }
  }
  if (is_safetensors(head)) return "a safetensors file (weights without a graph)";
  if (is_text(head.bytes)) return describe_text(head.bytes);
  return "";
}

}  // namespace trtprof
