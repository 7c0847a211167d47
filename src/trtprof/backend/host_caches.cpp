#include "trtprof/backend/host_caches.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
// "each array must be at least 4 times the size of the sum of all the last-level caches" (STREAM's run rules).
constexpr std::uint64_t kCopyCaches = 4;
constexpr std::uint64_t kLeastCopyCaches = 2;
constexpr std::uint64_t kLeastCopyBytes = 256 * kMiB;
constexpr std::uint64_t kCopyShareOfMemory = 4;
// A walk of four times a cache's size finds nothing of itself left in it, of twice its size hardly anything.
constexpr std::uint64_t kInnerCaches = 4;
constexpr std::uint64_t kLeastInnerCaches = 2;
constexpr std::uint64_t kShareOfLastCache = 2;
// Of control groups: what is above is no limit.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;

std::string first_word(const fs::path& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "K") return number * 1024;
  if (unit == "M") return number * kMiB;
  return unit.empty() ? std::optional(number) : std::nullopt;
}

bool is_processor(const std::string& name) {
  return name.starts_with("cpu") && name.size() > 3 &&
         std::ranges::all_of(name.substr(3), [](char c) { return c >= '0' && c <= '9'; });
}

// "MemAvailable:   24108000 kB"
std::optional<std::uint64_t> available_of_machine(const fs::path& root) {
  std::ifstream file(root / "proc/meminfo");
  for (std::string name, unit; file >> name;) {
    std::uint64_t kilobytes = 0;
    if (!(file >> kilobytes)) return std::nullopt;
    std::getline(file, unit);
    if (name == "MemAvailable:") return kilobytes * 1024;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> left_of_group(const fs::path& group) {
  const auto limit = number_of(first_word(group / "memory.max"));  // "max": no number
  const auto used = number_of(first_word(group / "memory.current"));
  if (!limit || !used || *limit >= kNoLimit) return std::nullopt;
  return *limit - std::min(*limit, *used);
}

}  // namespace

std::optional<HostCaches> read_host_caches(const fs::path& root) {
  std::map<int, std::uint64_t> by_level;
  std::set<std::pair<int, std::string>> seen;
  std::error_code ignored;
  for (const auto& cpu : fs::directory_iterator(root / "sys/devices/system/cpu", ignored)) {
    if (!is_processor(cpu.path().filename().string())) continue;
    for (const auto& cache : fs::directory_iterator(cpu.path() / "cache", ignored)) {
      const auto level = number_of(first_word(cache.path() / "level"));
      const auto size = number_of(first_word(cache.path() / "size"));
      if (!level || !size || first_word(cache.path() / "type") == "Instruction") continue;
      const int number = static_cast<int>(std::min<std::uint64_t>(*level, 9));
      if (!seen.emplace(number, first_word(cache.path() / "shared_cpu_list")).second) continue;
      by_level[number] += *size;
    }
  }
  if (by_level.empty()) return std::nullopt;
  const auto last = by_level.rbegin();
  const auto inner = std::next(last);
  return HostCaches{last->second, last->first, inner == by_level.rend() ? 0 : inner->second};
}

std::optional<std::uint64_t> available_memory(const fs::path& root) {
  const auto machine = available_of_machine(root);
  const auto group = left_of_group(root / "sys/fs/cgroup");
  if (!machine || !group) return machine ? machine : group;
  return std::min(*machine, *group);
}

Result<std::uint64_t> copy_array_bytes(const std::optional<HostCaches>& caches,
                                       std::optional<std::uint64_t> free_memory) {
  const std::uint64_t cache = caches ? caches->last_bytes : 0;
  std::uint64_t bytes = std::max(kLeastCopyBytes, kCopyCaches * cache);
  if (!free_memory) return bytes;
  bytes = std::min(bytes, *free_memory / kCopyShareOfMemory);
  if (bytes < std::max(kLeastCopyCaches * cache, kLeastCopyBytes / kCopyCaches)) {
    return fail(fmt::format("the bandwidth of the memory takes two arrays much larger than the caches ({}), and {} of "
                            "memory are free",
                            format_bytes(cache), format_bytes(*free_memory)),
                "Free memory, or raise the limit of the control group.");
  }
  return bytes;
}

Result<std::uint64_t> cache_array_bytes(const std::optional<HostCaches>& caches) {
  if (!caches || caches->inner_bytes == 0) {
    return unavailable(
        "the bandwidth of the last cache cannot be told: the system does not say how large the caches "
        "are");
  }
  const std::uint64_t bytes = std::min(kInnerCaches * caches->inner_bytes, caches->last_bytes / kShareOfLastCache);
  if (bytes < kLeastInnerCaches * caches->inner_bytes) {
    return unavailable(
        fmt::format("the last cache ({}) is too little larger than those before it ({}) to be measured "
                    "apart from them",
                    format_bytes(caches->last_bytes), format_bytes(caches->inner_bytes)));
  }
  return bytes;
}

}  // namespace trtprof
