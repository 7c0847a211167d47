// Every pass there is, in the order they run.
#pragma once

#include <span>
#include <string_view>

#include "trtprof/optimize/pass.h"

namespace trtprof {

[[nodiscard]] std::span<const Pass* const> all_passes();
// nullptr: there is none of this name.
[[nodiscard]] const Pass* find_pass(std::string_view name);

}  // namespace trtprof
