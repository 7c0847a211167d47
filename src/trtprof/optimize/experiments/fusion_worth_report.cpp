#include "trtprof/optimize/fusion_worth_report.h"

#include <algorithm>
#include <array>

namespace trtprof {
namespace {

// Summed over the instances that are apart; nullopt where one is not known.
template <class Value, class Of>
std::optional<Value> sum_apart(const KindWorth& kind, Of of) {
  Value sum{};
  for (const FusionInstance& instance : kind.instances) {
    if (instance.state != InstanceState::apart) continue;
    const auto value = of(instance);
    if (!value) return std::nullopt;
    sum += *value;
  }
  return sum;
}

}  // namespace

std::string_view to_string(InstanceState state) {
  constexpr std::array<std::string_view, 7> names = {"measured",   "apart",    "not_prevented", "retyped",
                                                     "no_control", "not_told", "not_tried"};
  return names.at(static_cast<std::size_t>(state));
}

std::string_view to_string(BoundBasis basis) {
  return basis == BoundBasis::memory_bandwidth ? "memory_bandwidth" : "layer_time";
}

std::size_t KindWorth::count(InstanceState state) const {
  return static_cast<std::size_t>(std::ranges::count(instances, state, &FusionInstance::state));
}

std::optional<std::uint64_t> KindWorth::bytes(InstanceState state) const {
  std::uint64_t sum = 0;
  for (const FusionInstance& instance : instances) {
    if (instance.state != state) continue;
    if (!instance.bytes) return std::nullopt;
    sum += *instance.bytes;
  }
  return sum;
}

void bound_what_is_apart(FusionWorthReport& report, std::optional<double> bytes_per_second) {
  for (KindWorth& kind : report.kinds) {
    if (kind.count(InstanceState::apart) == 0) continue;
    const auto bytes = kind.bytes(InstanceState::apart);
    if (bytes && bytes_per_second) {
      kind.bound = {static_cast<double>(*bytes) / *bytes_per_second, BoundBasis::memory_bandwidth};
    }
    if (kind.kind == FusionPairKind::depthwise_pointwise) continue;
    const auto seconds = sum_apart<double>(kind, [](const FusionInstance& instance) { return instance.tail_seconds; });
    if (seconds && (!kind.bound || *seconds < kind.bound->seconds)) kind.bound = {*seconds, BoundBasis::layer_time};
  }
}

}  // namespace trtprof
