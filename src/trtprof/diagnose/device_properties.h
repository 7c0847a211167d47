// What a profile says of the device that it ran on.
#pragma once

#include <cstdint>
#include <optional>

#include "trtprof/profile/profile.h"

namespace trtprof {

// All from Environment::properties; nullopt where the profile does not say it.

// Of an NVIDIA GPU: 9.0.
[[nodiscard]] std::optional<double> compute_capability(const Environment& environment);

[[nodiscard]] std::optional<std::int64_t> multiprocessors(const Environment& environment);

// In bytes.
[[nodiscard]] std::optional<double> l2_bytes(const Environment& environment);

}  // namespace trtprof
