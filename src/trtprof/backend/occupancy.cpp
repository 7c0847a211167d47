#include "trtprof/backend/occupancy.h"

#include <algorithm>

namespace trtprof {
namespace {

// Registers are given to a warp in units of 256, out of the quarter of the register file that its scheduler owns.
constexpr std::int64_t kRegisterUnit = 256;
constexpr std::int64_t kSchedulers = 4;
constexpr std::int64_t kSharedUnit = 128;

std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

std::optional<double> theoretical_occupancy(const MultiprocessorLimits& limits, const KernelLaunch& launch,
                                            std::optional<std::int64_t> shared_bytes_configured) {
  if (launch.block.size() != 3 || !launch.registers_per_thread || limits.threads <= 0 || limits.warp_size <= 0) {
    return std::nullopt;
  }
  std::int64_t threads = 1;
  for (const std::int64_t side : launch.block) {
    if (side <= 0 || side > limits.threads) return std::nullopt;
    threads *= side;
    if (threads > limits.threads) return std::nullopt;
  }
  const std::int64_t warps_per_block = round_up(threads, limits.warp_size) / limits.warp_size;
  const std::int64_t most_warps = limits.threads / limits.warp_size;
  std::int64_t blocks = most_warps / warps_per_block;
  if (limits.blocks > 0) blocks = std::min(blocks, limits.blocks);
  if (limits.registers > 0 && *launch.registers_per_thread > 0) {
    const std::int64_t registers_per_warp = round_up(*launch.registers_per_thread * limits.warp_size, kRegisterUnit);
    const std::int64_t warps = limits.registers / kSchedulers / registers_per_warp * kSchedulers;
    blocks = std::min(blocks, warps / warps_per_block);
  }
  std::int64_t shared_limit = limits.shared_bytes;
  if (shared_bytes_configured && *shared_bytes_configured > 0) {
    shared_limit = shared_limit > 0 ? std::min(shared_limit, *shared_bytes_configured) : *shared_bytes_configured;
  }
  const std::int64_t shared = round_up(
      static_cast<std::int64_t>(launch.static_shared_bytes.value_or(0) + launch.dynamic_shared_bytes.value_or(0)) +
          limits.reserved_shared_bytes_per_block,
      kSharedUnit);
  if (shared_limit > 0 && shared > 0) blocks = std::min(blocks, shared_limit / shared);
  if (blocks <= 0) return std::nullopt;  // it ran, so something here is not what it was
  return static_cast<double>(blocks * warps_per_block) / static_cast<double>(most_warps);
}

}  // namespace trtprof
