// The figures of a profile that two sides are compared by, one a launch.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "trtprof/compare/verdict.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class FigureKind {
  latency,         // of one inference from outside (EndToEnd::total)
  compute,         // on the device, without copies
  interval,        // from one completion to the next, in the mean: the inverse of the throughput
  host_to_device,  // copies of inputs
  device_to_host,  // copies of outputs
  enqueue,         // what the host does to launch an inference
  layer_sum,       // of the medians of all layers, from the layer run
};

[[nodiscard]] std::span<const FigureKind> all_figures();

// nullopt where the profile does not have it, or it is no time above zero. A figure of a summary without samples has
// the error that the summary's own interval of the median tells.
[[nodiscard]] std::optional<LaunchFigure> figure_of(const Profile& profile, FigureKind kind);

[[nodiscard]] std::string_view to_string(FigureKind kind);  // "host_to_device"
[[nodiscard]] std::optional<FigureKind> figure_from_string(std::string_view name);

}  // namespace trtprof
