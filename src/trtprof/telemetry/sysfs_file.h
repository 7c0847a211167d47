// A number that the kernel writes anew each time it is read. Private to telemetry/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"

namespace trtprof {

// Kept open: a read costs one system call.
class SysfsNumber {
 public:
  // The file must be readable and hold a whole number now. The error is the system's reason ("Permission denied").
  [[nodiscard]] static Result<SysfsNumber> open(const std::filesystem::path& path);
  [[nodiscard]] std::optional<std::int64_t> read() const;

 private:
  explicit SysfsNumber(int descriptor);
  std::shared_ptr<const int> descriptor_;  // closed with the last copy
};

// The first line, without blanks around it; empty when it cannot be read.
[[nodiscard]] std::string sysfs_line(const std::filesystem::path& path);

// The entries of `folder` by name; none when it cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> sysfs_entries(const std::filesystem::path& folder);

}  // namespace trtprof
