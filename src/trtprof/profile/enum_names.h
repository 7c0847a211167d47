// Stable identifiers of the profile's enumerations, as JSON and CSV spell them.
#pragma once

#include <optional>
#include <string_view>

#include "trtprof/profile/profile.h"

namespace trtprof {

[[nodiscard]] std::string_view to_string(DeviceKind kind);      // "cpu"
[[nodiscard]] std::string_view to_string(StopReason reason);    // "max_duration"
[[nodiscard]] std::string_view to_string(OriginSource source);  // "reported"
[[nodiscard]] std::string_view to_string(KernelJoin join);      // "graph_nodes"
[[nodiscard]] std::string_view to_string(CounterJoin join);     // "launch_order"
[[nodiscard]] std::string_view to_string(ActivityKind kind);    // "host_call"

[[nodiscard]] std::optional<DeviceKind> device_kind_from_string(std::string_view name);
[[nodiscard]] std::optional<StopReason> stop_reason_from_string(std::string_view name);
[[nodiscard]] std::optional<OriginSource> origin_source_from_string(std::string_view name);
[[nodiscard]] std::optional<KernelJoin> kernel_join_from_string(std::string_view name);
[[nodiscard]] std::optional<CounterJoin> counter_join_from_string(std::string_view name);
[[nodiscard]] std::optional<ActivityKind> activity_kind_from_string(std::string_view name);

}  // namespace trtprof
