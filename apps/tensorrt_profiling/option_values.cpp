#include "option_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace trtprof::cli {
namespace {

struct Unit {
  std::string_view name;
  double bytes;
};
constexpr std::array<Unit, 9> kUnits = {{{"KiB", 0x1p10},
                                         {"MiB", 0x1p20},
                                         {"GiB", 0x1p30},
                                         {"TiB", 0x1p40},
                                         {"kB", 1e3},
                                         {"KB", 1e3},
                                         {"MB", 1e6},
                                         {"GB", 1e9},
                                         {"TB", 1e12}}};

}  // namespace

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

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const auto unit = std::ranges::find_if(kUnits, [&](const Unit& candidate) { return text.ends_with(candidate.name); });
  const bool plain = unit == kUnits.end();
  const auto number = parse_number(plain ? text : text.substr(0, text.size() - unit->name.size()), 0.0);
  const double bytes = number ? *number * (plain ? 1.0 : unit->bytes) : 0.0;
  if (bytes < 1.0 || bytes >= 0x1p63) {
    return usage_error(fmt::format("wants a size as 4GiB, 512MiB or a number of bytes, not '{}'", text));
  }
  return static_cast<std::uint64_t>(bytes);
}

Result<double> parse_seconds(std::string_view text) {
  double unit = 1.0;
  std::string_view number = text;
  if (!text.empty() && std::string_view("smh").find(text.back()) != std::string_view::npos) {
    unit = text.back() == 'h' ? 3600.0 : text.back() == 'm' ? 60.0 : 1.0;
    number.remove_suffix(1);
  }
  const auto value = parse_number(number, 0.0);
  if (!value) return usage_error(fmt::format("wants a time above zero, as 90, 90s, 10m or 2h, not '{}'", text));
  return *value * unit;
}

Result<double> parse_percent(std::string_view text) {
  std::string_view number = text;
  if (number.ends_with('%')) number.remove_suffix(1);
  while (number.ends_with(' ')) number.remove_suffix(1);
  const auto value = parse_number(number, 0.0);
  if (!value) return usage_error(fmt::format("wants a percentage above zero, as 3%, not '{}'", text));
  return *value / 100.0;
}

Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_quote = c == '\'' || c == '"';
    if (quote == '\0' && (c == ' ' || c == '\t' || c == '\n')) {
      if (word) words.push_back(std::move(*word));
      word.reset();
      continue;
    }
    if (!word) word.emplace();
    if (quote != '\0' ? c == quote : is_quote) {
      quote = quote != '\0' ? '\0' : c;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word->push_back(text[++i]);
    } else {
      word->push_back(c);
    }
  }
  if (quote != '\0') return usage_error(fmt::format("has a quote without its end: {}", text));
  if (word) words.push_back(std::move(*word));
  return words;
}

Status add_shape_option(ShapeRequest& request, std::string_view text) {
  auto parsed = parse_shape_option(text);
  if (!parsed) return forward_error(parsed);
  if (!request.by_input.emplace(*parsed).second) return usage_error("names one input twice");
  return {};
}

}  // namespace trtprof::cli
