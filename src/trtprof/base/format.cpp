#include "trtprof/base/format.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace trtprof {
namespace {

constexpr std::string_view kNotANumber = "-";
constexpr std::array<std::string_view, 4> kTimeUnits = {"ns", "us", "ms", "s"};
constexpr std::array<std::string_view, 4> kPowerUnits = {"mW", "W", "kW", "MW"};
constexpr std::array<std::string_view, 6> kEnergyUnits = {"nJ", "uJ", "mJ", "J", "kJ", "MJ"};
constexpr std::array<std::string_view, 6> kByteUnits = {"B", "kB", "MB", "GB", "TB", "PB"};
constexpr std::array<std::string_view, 6> kCountUnits = {"", "k", "M", "G", "T", "P"};
constexpr double kThreeDigitsRollOver = 999.5;
constexpr double kOneDecimalRollsOver = 999.95;

// Scales `value` by powers of 1000 until its text stays below 1000; `rolls_over` is what `text` would round up to 1000.
template <std::size_t N, class Text>
std::string with_unit(double value, const std::array<std::string_view, N>& units, double rolls_over, Text text) {
  std::size_t unit = 0;
  while (unit + 1 < N && std::abs(value) >= rolls_over) {
    value /= 1000.0;
    ++unit;
  }
  return units.at(unit).empty() ? text(value) : fmt::format("{} {}", text(value), units.at(unit));
}

// Three digits: 1.82, 31.4, 240.
std::string three_digits(double value) {
  const double magnitude = std::abs(value);
  const int decimals = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

std::string format_milliseconds(double seconds, int decimals) {
  return std::isfinite(seconds) ? fmt::format("{:.{}f}", seconds * 1e3, decimals) : std::string(kNotANumber);
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds)) {
    return std::string(kNotANumber);
  }
  if (seconds == 0.0) {
    return "0 s";
  }
  return with_unit(seconds * 1e9, kTimeUnits, kThreeDigitsRollOver, three_digits);
}

std::string format_percent(double fraction, int decimals) {
  return std::isfinite(fraction) ? fmt::format("{:.{}f}%", fraction * 100.0, decimals) : std::string(kNotANumber);
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1000) {
    return fmt::format("{} B", bytes);
  }
  return with_unit(static_cast<double>(bytes), kByteUnits, kThreeDigitsRollOver, three_digits);
}

std::string format_clock(double hertz) {
  return std::isfinite(hertz) ? fmt::format("{:.0f} MHz", hertz * 1e-6) : std::string(kNotANumber);
}

std::string format_power(double watts) {
  if (!std::isfinite(watts)) {
    return std::string(kNotANumber);
  }
  return watts == 0.0 ? "0 W" : with_unit(watts * 1e3, kPowerUnits, kThreeDigitsRollOver, three_digits);
}

std::string format_energy(double joules) {
  if (!std::isfinite(joules)) {
    return std::string(kNotANumber);
  }
  return joules == 0.0 ? "0 J" : with_unit(joules * 1e9, kEnergyUnits, kThreeDigitsRollOver, three_digits);
}

std::string format_count(double value) {
  if (!std::isfinite(value)) {
    return std::string(kNotANumber);
  }
  if (std::abs(value) < 1000.0 && value == std::floor(value)) {
    return fmt::format("{:.0f}", value);
  }
  return with_unit(value, kCountUnits, kOneDecimalRollsOver,
                   [](double scaled) { return fmt::format("{:.{}f}", scaled, std::abs(scaled) < 9.995 ? 2 : 1); });
}

std::string format_shape(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t dimension : shape) {
    fmt::format_to(std::back_inserter(text), "{}{}", text.empty() ? "" : "x",
                   dimension < 0 ? "?" : std::to_string(dimension));
  }
  return text.empty() ? "scalar" : text;
}

std::string counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace trtprof
