// Text of an option's value to a number or a path, with the sentence that says what was wrong.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"

namespace trtprof::cli {

[[nodiscard]] Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min,
                                                 std::int64_t max = std::numeric_limits<std::int64_t>::max());
// Finite; greater than `above`.
[[nodiscard]] Result<double> parse_number(std::string_view text, double above);

// "90", "90s", "10m", "1.5h" to seconds; greater than 0.
[[nodiscard]] Result<double> parse_seconds(std::string_view text);

// "3%", "3 %" or "3" to 0.03; greater than 0.
[[nodiscard]] Result<double> parse_percent(std::string_view text);

// Words as a shell splits them: spaces between them, quotes and backslashes around what is in one. No variables, no
// globs.
[[nodiscard]] Result<std::vector<std::string>> split_words(std::string_view text);

// "4GiB", "512MiB", "1.5GB" (powers of 1000), "4096" (bytes). At least 1.
[[nodiscard]] Result<std::uint64_t> parse_bytes(std::string_view text);

// "NAME:1x3x224x224" into `request`; an input may be named once.
[[nodiscard]] Status add_shape_option(ShapeRequest& request, std::string_view text);

// Stores a parsed value, or passes the error on.
template <class Target, class Value>
Status store(Target& target, const Result<Value>& value) {
  if (!value) return forward_error(value);
  target = static_cast<Target>(*value);
  return {};
}

template <class Target, class Value>
Status store(std::optional<Target>& target, const Result<Value>& value) {
  if (!value) return forward_error(value);
  target = static_cast<Target>(*value);
  return {};
}

}  // namespace trtprof::cli
