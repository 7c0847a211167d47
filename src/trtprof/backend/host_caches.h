// The caches and the free memory of this machine, and how large buffers must be to measure beyond or within a cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "trtprof/base/error.h"

namespace trtprof {

// All caches of a level together: every instance counts once.
struct HostCaches {
  std::uint64_t last_bytes = 0;   // of the last level before memory
  int last_level = 0;             // 3
  std::uint64_t inner_bytes = 0;  // of the level before it
};

// From sys/devices/system/cpu below `root`. nullopt where the system does not tell.
[[nodiscard]] std::optional<HostCaches> read_host_caches(const std::filesystem::path& root = "/");

// What this process may still take: of the machine, and of its control group where that is less. nullopt where the
// system does not tell.
[[nodiscard]] std::optional<std::uint64_t> available_memory(const std::filesystem::path& root = "/");

// Of each of the two arrays of a copy: four times the last cache, as STREAM asks for, and at least 256 MiB, and at most
// a quarter of the free memory. An error where that is not even twice the cache.
[[nodiscard]] Result<std::uint64_t> copy_array_bytes(const std::optional<HostCaches>& caches,
                                                     std::optional<std::uint64_t> free_memory);

// Of what is read again and again from the last cache: too large for the caches before it, at most half of it, so that
// what else runs does not push it out. An error where the caches are too much of a size.
[[nodiscard]] Result<std::uint64_t> cache_array_bytes(const std::optional<HostCaches>& caches);

}  // namespace trtprof
