// A launch of a GPU kernel, as tools that watch the device describe it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trtprof {

struct KernelLaunch {
  std::string name;                 // demangled
  std::vector<std::int64_t> grid;   // x, y, z in blocks; empty: not known
  std::vector<std::int64_t> block;  // x, y, z in threads
  std::optional<std::int64_t> registers_per_thread;
  std::optional<std::uint64_t> static_shared_bytes;   // a block
  std::optional<std::uint64_t> dynamic_shared_bytes;  // a block
  // Warps that can be resident on a multiprocessor over those that it can hold, by registers, shared memory and block
  // size: 0 to 1.
  std::optional<double> theoretical_occupancy;
  bool operator==(const KernelLaunch&) const = default;
};

}  // namespace trtprof
