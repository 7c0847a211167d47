// Text of an option's value to a number or a path, with the sentence that says what was wrong.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "trtprof/base/error.h"

namespace trtprof::cli {

[[nodiscard]] Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min,
                                                 std::int64_t max = std::numeric_limits<std::int64_t>::max());
// Finite; greater than `above`.
[[nodiscard]] Result<double> parse_number(std::string_view text, double above);

}  // namespace trtprof::cli
