#include "trtprof/import/metric_units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string>
#include <system_error>
#include <utility>

namespace trtprof {
namespace {

// Spaces that group digits: no-break space, narrow no-break space.
constexpr std::array<std::string_view, 2> kWideSpaces = {"\u00a0", "\u202f"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Without sign, exponent and the signs that can do nothing but group digits; nullopt: no number.
struct Digits {
  std::string mantissa;  // digits, '.' and ','
  std::string exponent;  // "e-5" or empty
  bool negative = false;
};

std::optional<Digits> digits_of(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  Digits digits;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    digits.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || (!is_digit(text.front()) && text.front() != '.' && text.front() != ',')) return std::nullopt;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const char c = rest.front();
    const auto wide =
        std::ranges::find_if(kWideSpaces, [&](std::string_view space) { return rest.starts_with(space); });
    if (wide != kWideSpaces.end()) {
      i += wide->size();
      continue;
    }
    if (c == 'e' || c == 'E') {
      digits.exponent = std::string(rest);
      break;
    }
    if (is_digit(c) || c == '.' || c == ',') {
      digits.mantissa += c;
    } else if (c != ' ' && c != '\'') {
      return std::nullopt;
    }
    ++i;
  }
  if (std::ranges::none_of(digits.mantissa, is_digit)) return std::nullopt;
  return digits;
}

// Groups of three behind one to three digits: what a sign that groups leaves.
bool may_group(std::string_view mantissa, char sign) {
  const std::size_t first = mantissa.find(sign);
  if (first == 0 || first > 3) return false;
  std::size_t at = first;
  while (at < mantissa.size() && mantissa[at] == sign) {
    const std::size_t next = mantissa.find_first_of(".,", at + 1);
    const std::size_t length = (next == std::string_view::npos ? mantissa.size() : next) - at - 1;
    if (length != 3) return false;
    if (next == std::string_view::npos) return true;
    at = next;
  }
  return true;
}

struct Noun {
  std::string_view name;
  bool scales;  // may carry a prefix: "Kbyte"
};
constexpr std::array<Noun, 22> kNouns = {
    {{"", false},       {"%", false},   {"byte", true},      {"bytes", true},    {"b", true},      {"second", true},
     {"seconds", true}, {"s", true},    {"sec", true},       {"hz", true},       {"cycle", true},  {"cycles", true},
     {"inst", true},    {"warp", true}, {"sector", true},    {"sectors", true},  {"thread", true}, {"request", true},
     {"block", true},   {"flop", true}, {"register", false}, {"branches", false}}};

constexpr std::array<std::string_view, 12> kCounts = {"sm",     "pass",  "cluster", "sample", "bank",   "branch",
                                                      "thread", "event", "op",      "node",   "kernel", "warps"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::optional<double> prefix_factor(char prefix) {
  switch (prefix) {
    case 'K':
    case 'k':
      return 1e3;
    case 'M':
      return 1e6;
    case 'G':
    case 'g':
      return 1e9;
    case 'T':
    case 't':
      return 1e12;
    case 'P':
      return 1e15;
    case 'm':
      return 1e-3;
    case 'u':
      return 1e-6;
    case 'n':
      return 1e-9;
    case 'p':
      return 1e-12;
    default:
      return std::nullopt;
  }
}

std::optional<double> binary_factor(std::string_view prefix) {
  if (prefix == "Ki") return 1024.0;
  if (prefix == "Mi") return 1024.0 * 1024.0;
  if (prefix == "Gi") return 1024.0 * 1024.0 * 1024.0;
  return std::nullopt;
}

// One side of a fraction: "Kbyte", "usecond", "inst".
std::optional<double> factor_of(std::string_view part) {
  const std::string word = lower(part);
  if (std::ranges::find(kCounts, word) != kCounts.end()) return 1.0;
  for (const Noun& noun : kNouns) {
    if (word == noun.name) return 1.0;
  }
  std::optional<double> factor;
  if (part.starts_with("\u00b5") || part.starts_with("\u03bc")) {  // both of Unicode's micro signs
    return factor_of("u" + std::string(part.substr(2)));
  }
  for (const Noun& noun : kNouns) {
    if (!noun.scales || !word.ends_with(noun.name)) continue;
    const std::string_view prefix = part.substr(0, part.size() - noun.name.size());
    const bool hertz = noun.name == "hz";  // "mhz" is a million of them, whatever its case
    if (prefix.size() == 1) factor = hertz && prefix[0] == 'm' ? std::optional(1e6) : prefix_factor(prefix[0]);
    if (!factor) factor = binary_factor(prefix);
    if (factor) return factor;
  }
  return std::nullopt;
}

}  // namespace

bool NumberStyle::decide(char decimal) {
  decimal_ = decimal;
  certain_ = true;
  return true;
}

bool NumberStyle::observe(std::string_view text) {
  if (certain_) return true;
  const std::optional<Digits> digits = digits_of(text);
  if (!digits) return false;
  const std::string& mantissa = digits->mantissa;
  const auto points = std::ranges::count(mantissa, '.');
  const auto commas = std::ranges::count(mantissa, ',');
  if (points == 0 && commas == 0) return false;
  if (points > 0 && commas > 0) return decide(mantissa.rfind('.') > mantissa.rfind(',') ? '.' : ',');
  if (points > 1) return decide(',');
  if (commas > 1) return decide('.');
  const char sign = points == 1 ? '.' : ',';
  if (may_group(mantissa, sign) && mantissa[0] != '0') return false;  // "4,920": either
  return decide(sign);
}

std::optional<double> NumberStyle::parse(std::string_view text) const {
  const std::optional<Digits> digits = digits_of(text);
  if (!digits) return std::nullopt;
  std::string plain = digits->negative ? "-" : "";
  bool fraction = false;
  for (const char c : digits->mantissa) {
    if (is_digit(c)) {
      plain += c;
    } else if (c == decimal_) {
      if (fraction) return std::nullopt;
      fraction = true;
      plain += '.';
    }
  }
  plain += digits->exponent;
  double value = 0.0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);  // whatever the locale
  if (error != std::errc() || end != plain.data() + plain.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

MetricUnit parse_metric_unit(std::string_view unit) {
  const std::size_t slash = unit.find('/');
  const std::optional<double> above = factor_of(unit.substr(0, slash));
  const std::optional<double> below = slash == std::string_view::npos ? 1.0 : factor_of(unit.substr(slash + 1));
  if (!above || !below) return {1.0, false};
  return {*above / *below, true};
}

}  // namespace trtprof
