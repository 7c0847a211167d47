// Files: whole reads, writes that are there entirely or not at all, and content hashes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "trtprof/base/error.h"

namespace trtprof {

// Fails with a sentence for: missing, a directory, no permission, larger than `max_bytes`.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::uint64_t max_bytes = std::uint64_t{1} << 32);

// Regular files are written to a temporary name in the same folder, synced and renamed over `path` (mode as the umask
// says, or as the file there had); on any failure the temporary file goes and what was at `path` stays. Devices and
// pipes ("/dev/stdout", "/dev/full") are written directly. Every result is checked, close included.
// The error names the path and the system's reason ("No space left on device").
[[nodiscard]] Status write_file(const std::filesystem::path& path, std::string_view contents);

// The same for writers that produce as they go; `writer` returns an error to abandon the file.
[[nodiscard]] Status write_file(const std::filesystem::path& path, const std::function<Status(std::ostream&)>& writer);

// Tells early, before minutes of measuring, whether write_file(path) could succeed. Leaves nothing behind.
[[nodiscard]] Status check_writable(const std::filesystem::path& path);

// Lower-case hexadecimal SHA-256 of the file's content, streamed.
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& path);
[[nodiscard]] std::string sha256_of(std::string_view bytes);

// Exclusive temporary folder, removed with its content on destruction.
class TemporaryFolder {
 public:
  [[nodiscard]] static Result<TemporaryFolder> create(std::string_view prefix);
  TemporaryFolder(TemporaryFolder&&) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) noexcept;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace trtprof
