// How large the buffers are that a GPU's limits are measured with. In the core, so that it is tested without a GPU.
#pragma once

#include <cstdint>

#include "trtprof/base/error.h"

namespace trtprof {

// Of each of the two buffers of a copy within the device: so much more than the L2 cache that it does not count, at
// most a quarter of what is free. An error where that is not even four times the cache.
[[nodiscard]] Result<std::uint64_t> device_copy_bytes(std::uint64_t l2_bytes, std::uint64_t free_bytes);

// Of what is read again and again from the L2 cache. A quarter of it: devices whose cache has two halves keep a copy of
// what the other half has. A multiple of 64 KiB; 0 where the device has no such cache.
[[nodiscard]] std::uint64_t l2_read_bytes(std::uint64_t l2_bytes);

}  // namespace trtprof
