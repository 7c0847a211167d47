// What a profile says of its GPU. Private to rules/.
#pragma once

#include <charconv>
#include <optional>
#include <string>

#include "trtprof/profile/profile.h"

namespace trtprof::rules {

// "9.0" as 9.0; nullopt: a CPU, or the profile does not say.
[[nodiscard]] inline std::optional<double> compute_capability(const Environment& environment) {
  const auto found = environment.properties.find("compute capability");
  if (environment.device_kind != DeviceKind::gpu || found == environment.properties.end()) return std::nullopt;
  double value = 0.0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace trtprof::rules
