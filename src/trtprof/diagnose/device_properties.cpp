#include "trtprof/diagnose/device_properties.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace trtprof {
namespace {

// A number and what follows it.
template <class Number>
struct Parsed {
  Number value;
  std::string_view rest;
};

template <class Number>
std::optional<Parsed<Number>> number_at(const Environment& environment, const char* property) {
  const auto found = environment.properties.find(property);
  if (found == environment.properties.end()) return std::nullopt;
  const std::string_view text = found->second;
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !(value > Number{})) return std::nullopt;
  return Parsed<Number>{value, text.substr(static_cast<std::size_t>(end - text.data()))};
}

}  // namespace

std::optional<double> compute_capability(const Environment& environment) {
  if (environment.device_kind != DeviceKind::gpu) return std::nullopt;
  const auto number = number_at<double>(environment, "compute capability");
  return number && number->rest.empty() ? std::optional(number->value) : std::nullopt;
}

std::optional<std::int64_t> multiprocessors(const Environment& environment) {
  const auto number = number_at<std::int64_t>(environment, "multiprocessors");
  return number && number->rest.empty() ? std::optional(number->value) : std::nullopt;
}

std::optional<double> l2_bytes(const Environment& environment) {
  constexpr std::array<std::pair<std::string_view, double>, 4> kUnits{
      {{" B", 1.0}, {" KiB", 1024.0}, {" MiB", 1024.0 * 1024.0}, {" GiB", 1024.0 * 1024.0 * 1024.0}}};
  const auto number = number_at<double>(environment, "L2 cache");
  for (const auto& [unit, bytes] : kUnits) {
    if (number && number->rest == unit) return number->value * bytes;
  }
  return std::nullopt;
}

}  // namespace trtprof
