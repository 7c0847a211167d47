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

static_assert(static_cast<std::size_t>(DeviceKind::gpu) + 1 == kDeviceKinds.size());
static_assert(static_cast<std::size_t>(StopReason::failed) + 1 == kStopReasons.size());
static_assert(static_cast<std::size_t>(OriginSource::inferred) + 1 == kOriginSources.size());

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

std::optional<DeviceKind> device_kind_from_string(std::string_view name) {
  return enum_from<DeviceKind>(kDeviceKinds, name);
}

std::optional<StopReason> stop_reason_from_string(std::string_view name) {
  return enum_from<StopReason>(kStopReasons, name);
}

std::optional<OriginSource> origin_source_from_string(std::string_view name) {
  return enum_from<OriginSource>(kOriginSources, name);
}

}  // namespace trtprof
