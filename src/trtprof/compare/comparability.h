// May two sides be compared at all? Private to compare/.
#pragma once

#include <optional>
#include <span>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct Comparability {
  // Items of an inference on each side, where the two differ and figures are of one item; else nullopt.
  std::optional<double> batch_a;
  std::optional<double> batch_b;
};

// Fails for sides of different things, and for work that differs in more than the batch. What is not known passes.
[[nodiscard]] Result<Comparability> check_comparable(std::span<const Profile> a, std::span<const Profile> b);

}  // namespace trtprof
