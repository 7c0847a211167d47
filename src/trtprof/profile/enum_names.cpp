#include "trtprof/profile/enum_names.h"

#include <array>
#include <cstddef>

namespace trtprof {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 2> kDeviceKinds = {"cpu", "gpu"};
constexpr std::array<std::string_view, 5> kStopReasons = {"converged", "iterations", "max_duration", "interrupted",
                                                          "failed"};
constexpr std::array<std::string_view, 3> kOriginSources = {"none", "reported", "inferred"};
constexpr std::array<std::string_view, 4> kKernelJoins = {"none", "markers", "graph_nodes", "launch_order"};
constexpr std::array<std::string_view, 3> kCounterJoins = {"none", "markers", "launch_order"};
constexpr std::array<std::string_view, 7> kActivityKinds = {"inference", "layer",           "kernel",   "copy",
                                                            "fill",      "synchronization", "host_call"};

static_assert(static_cast<std::size_t>(DeviceKind::gpu) + 1 == kDeviceKinds.size());
static_assert(static_cast<std::size_t>(StopReason::failed) + 1 == kStopReasons.size());
static_assert(static_cast<std::size_t>(OriginSource::inferred) + 1 == kOriginSources.size());
static_assert(static_cast<std::size_t>(KernelJoin::launch_order) + 1 == kKernelJoins.size());
static_assert(static_cast<std::size_t>(CounterJoin::launch_order) + 1 == kCounterJoins.size());
static_assert(static_cast<std::size_t>(ActivityKind::host_call) + 1 == kActivityKinds.size());

template <class Enum, std::size_t N>
std::optional<Enum> enum_from(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names.at(i) == name) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(DeviceKind kind) {
  return kDeviceKinds.at(static_cast<std::size_t>(kind));
}
std::string_view to_string(StopReason reason) {
  return kStopReasons.at(static_cast<std::size_t>(reason));
}
std::string_view to_string(OriginSource source) {
  return kOriginSources.at(static_cast<std::size_t>(source));
}

std::string_view to_string(KernelJoin join) {
  return kKernelJoins.at(static_cast<std::size_t>(join));
}
std::string_view to_string(CounterJoin join) {
  return kCounterJoins.at(static_cast<std::size_t>(join));
}
std::string_view to_string(ActivityKind kind) {
  return kActivityKinds.at(static_cast<std::size_t>(kind));
}

std::optional<DeviceKind> device_kind_from_string(std::string_view name) {
  return enum_from<DeviceKind>(kDeviceKinds, name);
}

std::optional<StopReason> stop_reason_from_string(std::string_view name) {
  return enum_from<StopReason>(kStopReasons, name);
}

std::optional<OriginSource> origin_source_from_string(std::string_view name) {
  return enum_from<OriginSource>(kOriginSources, name);
}

std::optional<KernelJoin> kernel_join_from_string(std::string_view name) {
  return enum_from<KernelJoin>(kKernelJoins, name);
}

std::optional<CounterJoin> counter_join_from_string(std::string_view name) {
  return enum_from<CounterJoin>(kCounterJoins, name);
}

std::optional<ActivityKind> activity_kind_from_string(std::string_view name) {
  return enum_from<ActivityKind>(kActivityKinds, name);
}

}  // namespace trtprof
