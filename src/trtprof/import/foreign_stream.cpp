#include "trtprof/import/foreign_stream.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <streambuf>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>
#include <zlib.h>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGzip = "\x1f\x8b";
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
// Below this nothing that unpacks is called a bomb: small files of one repeated line pack better than anything else.
constexpr std::uint64_t kHarmlessBytes = std::uint64_t{64} << 20;

// Marks of byte order, and ASCII with zeros between its letters, which JSON, CSV and logs begin with.
const char* wide_encoding(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xff\xfe\0\0"sv) || bytes.starts_with("\0\0\xfe\xff"sv)) return "UTF-32";
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return "UTF-16";
  if (bytes.size() < 4) return nullptr;
  const std::array<bool, 4> zero = {bytes[0] == '\0', bytes[1] == '\0', bytes[2] == '\0', bytes[3] == '\0'};
  if (zero == std::array{false, true, false, true} || zero == std::array{true, false, true, false}) return "UTF-16";
  if (zero == std::array{false, true, true, true} || zero == std::array{true, true, true, false}) return "UTF-32";
  return nullptr;
}

}  // namespace

// zlib's inflate() as a stream; several gzip members after each other are one text, as gzip itself reads them.
class GzipBuffer : public std::streambuf {
 public:
  GzipBuffer(std::istream& packed, ForeignStream::Fault& fault)
      : packed_(packed), fault_(fault), input_(kForeignBeginning), output_(kForeignBeginning) {
    if (inflateInit2(&zlib_, MAX_WBITS + 16) != Z_OK) {
      fault_.sentence = "cannot be unpacked: zlib did not start";
      over_ = true;
    }
  }
  GzipBuffer(const GzipBuffer&) = delete;
  GzipBuffer& operator=(const GzipBuffer&) = delete;
  ~GzipBuffer() override { inflateEnd(&zlib_); }

  // What the first underflow() made ready, not read yet.
  [[nodiscard]] std::string_view ready() const { return {gptr(), static_cast<std::size_t>(egptr() - gptr())}; }

 protected:
  int_type underflow() override {
    if (gptr() < egptr()) return traits_type::to_int_type(*gptr());
    const std::size_t made = unpack();
    setg(output_.data(), output_.data(), output_.data() + made);
    return made == 0 ? traits_type::eof() : traits_type::to_int_type(output_.front());
  }

 private:
  std::size_t unpack() {
    zlib_.next_out = reinterpret_cast<Bytef*>(output_.data());
    zlib_.avail_out = static_cast<uInt>(output_.size());
    while (!over_ && zlib_.avail_out > 0) {
      if (zlib_.avail_in == 0) refill();
      if (!over_) step();
    }
    const std::size_t made = output_.size() - zlib_.avail_out;
    bytes_out_ += made;
    if (bytes_out_ > kHarmlessBytes && bytes_out_ / kMostUnpacked > bytes_in_) {
      fault_.sentence = fmt::format("unpacks to more than {} times its size, which no export does", kMostUnpacked);
      over_ = true;
      return 0;
    }
    return made;
  }

  void refill() {
    packed_.read(input_.data(), static_cast<std::streamsize>(input_.size()));
    const auto got = static_cast<std::size_t>(packed_.gcount());
    bytes_in_ += got;
    zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
    zlib_.avail_in = static_cast<uInt>(got);
    if (got > 0) return;
    over_ = true;
    if (packed_.bad()) {
      fault_.sentence = "could not be read to its end";
    } else if (within_member_) {
      fault_.sentence = "is a gzip file that was cut off";
    }
  }

  void step() {
    within_member_ = true;
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      within_member_ = false;
      inflateReset(&zlib_);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      fault_.sentence = fmt::format("is a broken gzip file ({})", zlib_.msg != nullptr ? zlib_.msg : "zlib");
      over_ = true;
    }
  }

  std::istream& packed_;
  ForeignStream::Fault& fault_;
  std::vector<char> input_;
  std::vector<char> output_;
  z_stream zlib_{};
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  bool within_member_ = false;
  bool over_ = false;
};

Result<ForeignStream> ForeignStream::open(const fs::path& path) {
  ForeignStream stream;
  stream.name_ = printable(path.string());
  stream.fault_ = std::make_unique<Fault>();
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return fail(fmt::format("{} does not exist", stream.name_));
  if (fs::is_directory(status)) return fail(fmt::format("{} is a folder", stream.name_));
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return fail(fmt::format("{} is no regular file", stream.name_), "write what it gives to a file first");
  }
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) return fail(fmt::format("{} cannot be opened: {}", stream.name_, std::generic_category().message(errno)));
  std::string& beginning = stream.beginning_;
  beginning.resize(kForeignBeginning);
  file->read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  beginning.resize(static_cast<std::size_t>(file->gcount()));
  if (file->bad())
    return fail(fmt::format("{} could not be read: {}", stream.name_, std::generic_category().message(errno)));
  file->clear();
  file->seekg(0);
  if (beginning.starts_with(kGzip)) {
    stream.packed_ = true;
    auto unpacking = std::make_unique<GzipBuffer>(*file, *stream.fault_);
    unpacking->sgetc();
    beginning = unpacking->ready();
    stream.in_ = std::make_unique<std::istream>(unpacking.get());
    stream.unpacking_ = std::move(unpacking);
    stream.file_ = std::move(file);
    if (const Status made = stream.status(); !made) return forward_error(made);
  } else {
    stream.in_ = std::move(file);
  }
  if (const char* encoding = wide_encoding(beginning)) {
    return fail(fmt::format("{} is in {}", stream.name_, encoding),
                fmt::format("convert it: iconv -f {} -t UTF-8", encoding));
  }
  if (beginning.starts_with(kUtf8Mark)) {
    stream.in_->ignore(static_cast<std::streamsize>(kUtf8Mark.size()));
    beginning.erase(0, kUtf8Mark.size());
  }
  return stream;
}

Status ForeignStream::status() const {
  if (!fault_->sentence.empty()) return fail(fmt::format("{} {}", name_, fault_->sentence));
  if (in_->bad()) return fail(fmt::format("{} could not be read to its end", name_));
  return {};
}

}  // namespace trtprof
