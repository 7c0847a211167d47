// What reading and writing files share; used by file.cpp and file_write.cpp alone.
#pragma once

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/error.h"
#include "trtprof/base/text.h"

namespace trtprof::detail {

inline constexpr std::size_t kFileChunkBytes = std::size_t{1} << 18;

inline std::string shown(const std::filesystem::path& path) {
  return printable(path.string());
}

inline std::string reason(int error) {
  return std::generic_category().message(error);
}

inline tl::unexpected<Error> cannot(std::string_view verb, const std::filesystem::path& path, std::string_view why,
                                    std::string hint = {}) {
  return fail(fmt::format("cannot {} {}: {}", verb, path.empty() ? "\"\"" : shown(path), why), std::move(hint));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }
  // 0 or the error that close() tells: on network file systems a full disk shows only here.
  int close() {
    const int fd = std::exchange(fd_, -1);
    return fd >= 0 && ::close(fd) != 0 && errno != EINTR ? errno : 0;
  }

 private:
  int fd_;
};

}  // namespace trtprof::detail
