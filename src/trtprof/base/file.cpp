#include "trtprof/base/file.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <new>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "trtprof/base/file_detail.h"

namespace trtprof {

namespace {

namespace fs = std::filesystem;
using detail::cannot;
using detail::Descriptor;
using detail::reason;

struct Source {
  Descriptor descriptor;
  std::uint64_t size = 0;  // 0 where the file does not tell (pipes, /proc)
};

Result<Source> open_for_reading(const fs::path& path) {
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!descriptor.is_open()) {
    return cannot("read", path, errno == ENOENT ? "it does not exist" : reason(errno));
  }
  struct stat status{};
  if (::fstat(descriptor.get(), &status) != 0) {
    return cannot("read", path, reason(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return cannot("read", path, "it is a directory");
  }
  return Source{std::move(descriptor), S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0};
}

// -1 on failure, with errno.
ssize_t read_some(int fd, char* buffer, std::size_t bytes) {
  ssize_t count = 0;
  do {
    count = ::read(fd, buffer, bytes);
  } while (count < 0 && errno == EINTR);
  return count;
}

class Sha256 {
 public:
  // OpenSSL has SHA-256 in every provider, so that what can fail here is memory.
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void update(std::string_view bytes) { check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }
  [[nodiscard]] std::string hexadecimal() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int bytes = 0;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), &bytes) == 1);
    std::string text;
    for (unsigned int i = 0; i < bytes; ++i) {
      text += fmt::format("{:02x}", digest[i]);
    }
    return text;
  }

 private:
  static void check(bool worked) {
    if (!worked) {
      throw std::bad_alloc();
    }
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) {
  const Result<Source> source = open_for_reading(path);
  if (!source) {
    return forward_error(source);
  }
  const auto too_large = [&] { return cannot("read", path, fmt::format("it is larger than {} bytes", max_bytes)); };
  if (source->size > max_bytes) {
    return too_large();
  }
  std::string contents;
  contents.reserve(source->size);
  std::vector<char> chunk(detail::kFileChunkBytes);
  while (true) {
    const ssize_t count = read_some(source->descriptor.get(), chunk.data(), chunk.size());
    if (count < 0) {
      return cannot("read", path, reason(errno));
    }
    if (count == 0) {
      return contents;
    }
    if (static_cast<std::uint64_t>(count) > max_bytes - contents.size()) {
      return too_large();
    }
    contents.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

Result<std::string> sha256_of_file(const fs::path& path) {
  const Result<Source> source = open_for_reading(path);
  if (!source) {
    return forward_error(source);
  }
  Sha256 hash;
  std::vector<char> chunk(detail::kFileChunkBytes);
  while (true) {
    const ssize_t count = read_some(source->descriptor.get(), chunk.data(), chunk.size());
    if (count < 0) {
      return cannot("read", path, reason(errno));
    }
    if (count == 0) {
      return hash.hexadecimal();
    }
    hash.update(std::string_view(chunk.data(), static_cast<std::size_t>(count)));
  }
}

std::string sha256_of(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hexadecimal();
}

Result<TemporaryFolder> TemporaryFolder::create(std::string_view prefix) {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  if (error) {
    return fail(fmt::format("there is no folder for temporary files: {}", error.message()),
                "set TMPDIR to a folder that exists");
  }
  std::string name = (parent / fmt::format("{}XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr) {
    return cannot("create a temporary folder in", parent, reason(errno), "set TMPDIR to a folder that can be written");
  }
  return TemporaryFolder(name);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TemporaryFolder::~TemporaryFolder() {
  if (!path_.empty()) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
}

}  // namespace trtprof
