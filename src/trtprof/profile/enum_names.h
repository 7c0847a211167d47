// Stable identifiers of the profile's enumerations, as JSON and CSV spell them.
#pragma once

#include <optional>
#include <string_view>

#include "trtprof/profile/profile.h"

namespace trtprof {

[[nodiscard]] std::string_view to_string(DeviceKind kind);      // "cpu"
[[nodiscard]] std::string_view to_string(StopReason reason);    // "max_duration"
[[nodiscard]] std::string_view to_string(OriginSource source);  // "reported"

[[nodiscard]] std::optional<DeviceKind> device_kind_from_string(std::string_view name);
[[nodiscard]] std::optional<StopReason> stop_reason_from_string(std::string_view name);
[[nodiscard]] std::optional<OriginSource> origin_source_from_string(std::string_view name);

}  // namespace trtprof
