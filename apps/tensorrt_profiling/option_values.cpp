#include "option_values.h"

#include <charconv>
#include <cmath>
#include <sstream>
#include <string>

#include <fmt/format.h>

namespace trtprof::cli {

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return usage_error(fmt::format("wants a whole number, not '{}'", text));
  if (value < min) return usage_error(fmt::format("wants {} or more, not {}", min, value));
  if (value > max) return usage_error(fmt::format("wants {} or less, not {}", max, value));
  return value;
}

Result<double> parse_number(std::string_view text, double above) {
  // Not std::from_chars: gcc 11 has it for double, its library on older targets does not; and "0x1p3" is not wanted.
  std::istringstream stream{std::string{text}};
  stream.imbue(std::locale::classic());
  double value = 0.0;
  stream >> value;
  if (stream.fail() || !stream.eof() || !std::isfinite(value))
    return usage_error(fmt::format("wants a number, not '{}'", text));
  if (value <= above) return usage_error(fmt::format("wants more than {:g}, not {}", above, text));
  return value;
}

}  // namespace trtprof::cli
