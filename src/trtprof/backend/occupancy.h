// Theoretical occupancy of a kernel launch: how many of the warps that a multiprocessor can hold can be resident at
// once, by block size, registers and shared memory. The rules are those of CUDA's occupancy calculator for compute
// capability 7.0 and later (CUDA C++ Programming Guide, "Multiprocessor Level"; "Technical Specifications per Compute
// Capability").
#pragma once

#include <cstdint>
#include <optional>

#include "trtprof/profile/kernel_launch.h"

namespace trtprof {

// Of one multiprocessor, as cudaDeviceProp has them.
struct MultiprocessorLimits {
  std::int64_t warp_size = 32;
  std::int64_t threads = 0;
  std::int64_t blocks = 0;
  std::int64_t registers = 0;
  std::int64_t shared_bytes = 0;
  std::int64_t reserved_shared_bytes_per_block = 0;
};

// 0 to 1; nullopt where the launch or the limits do not tell. `shared_bytes_configured`: the part of the L1 cache that
// served as shared memory during the launch, where known; it bounds below the multiprocessor's most.
[[nodiscard]] std::optional<double> theoretical_occupancy(
    const MultiprocessorLimits& limits, const KernelLaunch& launch,
    std::optional<std::int64_t> shared_bytes_configured = std::nullopt);

}  // namespace trtprof
