#include "trtprof/profile/device_ceilings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace trtprof {
namespace {

constexpr std::array<std::pair<CeilingKind, std::string_view>, 14> kKinds{{
    {CeilingKind::memory_bandwidth, "memory_bandwidth"},
    {CeilingKind::cache_bandwidth, "cache_bandwidth"},
    {CeilingKind::fp32_peak, "fp32_peak"},
    {CeilingKind::tf32_peak, "tf32_peak"},
    {CeilingKind::fp16_peak, "fp16_peak"},
    {CeilingKind::bf16_peak, "bf16_peak"},
    {CeilingKind::int8_peak, "int8_peak"},
    {CeilingKind::fp8_peak, "fp8_peak"},
    {CeilingKind::launch_cost, "launch_cost"},
    {CeilingKind::graph_node_cost, "graph_node_cost"},
    {CeilingKind::host_to_device_rate, "host_to_device_rate"},
    {CeilingKind::device_to_host_rate, "device_to_host_rate"},
    {CeilingKind::pageable_host_to_device_rate, "pageable_host_to_device_rate"},
    {CeilingKind::pageable_device_to_host_rate, "pageable_device_to_host_rate"},
}};

}  // namespace

std::string_view to_string(CeilingKind kind) {
  return std::ranges::find(kKinds, kind, &std::pair<CeilingKind, std::string_view>::first)->second;
}

std::string_view to_string(CeilingBasis basis) {
  return basis == CeilingBasis::measured ? "measured" : "datasheet";
}

std::optional<CeilingKind> ceiling_kind_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kKinds, name, &std::pair<CeilingKind, std::string_view>::second);
  return found != kKinds.end() ? std::optional(found->first) : std::nullopt;
}

}  // namespace trtprof
