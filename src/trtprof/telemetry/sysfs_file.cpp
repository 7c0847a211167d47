#include "trtprof/telemetry/sysfs_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <system_error>
#include <unistd.h>

namespace trtprof {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestNumber = 32;

void close_descriptor(const int* descriptor) {
  ::close(*descriptor);
  delete descriptor;
}

}  // namespace

SysfsNumber::SysfsNumber(int descriptor) : descriptor_(new int(descriptor), &close_descriptor) {}

Result<SysfsNumber> SysfsNumber::open(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(std::generic_category().message(errno));
  SysfsNumber number(descriptor);
  std::array<char, kLongestNumber> text{};
  if (::pread(descriptor, text.data(), text.size(), 0) < 0) return fail(std::generic_category().message(errno));
  if (!number.read()) return fail("no number is in it");
  return number;
}

std::optional<std::int64_t> SysfsNumber::read() const {
  std::array<char, kLongestNumber> text{};
  const ssize_t count = ::pread(*descriptor_, text.data(), text.size(), 0);
  if (count <= 0) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::string sysfs_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const auto first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

std::vector<fs::path> sysfs_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  std::ranges::sort(entries);
  return entries;
}

}  // namespace trtprof
