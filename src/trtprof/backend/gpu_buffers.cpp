#include "trtprof/backend/gpu_buffers.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kLeastCopyBytes = 1024 * kMiB;
constexpr std::uint64_t kCopyCaches = 16;
constexpr std::uint64_t kLeastCopyCaches = 4;
constexpr std::uint64_t kCopyShareOfMemory = 4;
constexpr std::uint64_t kShareOfL2 = 4;
constexpr std::uint64_t kL2Step = std::uint64_t{64} << 10;

}  // namespace

Result<std::uint64_t> device_copy_bytes(std::uint64_t l2_bytes, std::uint64_t free_bytes) {
  const std::uint64_t wanted = std::max(kLeastCopyBytes, kCopyCaches * l2_bytes);
  const std::uint64_t bytes = std::min(wanted, free_bytes / kCopyShareOfMemory) / kMiB * kMiB;
  if (bytes < std::max(kLeastCopyCaches * l2_bytes, kMiB)) {
    return fail(fmt::format("the bandwidth of the device's memory takes two buffers much larger than its L2 cache "
                            "({}), and {} of its memory are free",
                            format_bytes(l2_bytes), format_bytes(free_bytes)),
                "Free the memory that other processes hold (nvidia-smi lists them).");
  }
  return bytes;
}

std::uint64_t l2_read_bytes(std::uint64_t l2_bytes) {
  return l2_bytes / kShareOfL2 / kL2Step * kL2Step;
}

}  // namespace trtprof
