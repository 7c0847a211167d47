// How far each layer is from what the device can do, from shapes and types alone or, where there are hardware counters,
// from the bytes that were counted.
//
// The ideal time of a layer is the longer of its bytes over the memory's bandwidth and its arithmetic over the peak of
// its precision: a lower bound. A layer whose data stays in a cache may be faster, so shares may pass 100 %: they are
// not clipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/cost/layer_costs.h"
#include "trtprof/profile/device_ceilings.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class LayerTimeBasis {
  kernels,       // its kernels' timestamps
  layer_timing,  // what the engine reports, its own cost included
};

enum class BytesBasis { counters, model, tensors, none };

// What holds a layer back, were it as good as it can be.
enum class LayerBound {
  memory,
  compute,
  latency,  // too small for the device: fewer blocks than multiprocessors, or over before it is at speed
  unknown,  // no ceilings, no cost, or neither limit near and one of them not known
};

struct LayerRoofline {
  std::size_t layer = 0;          // index of LayerRun::layers
  std::optional<double> seconds;  // nullopt: nothing was measured, or it ran no kernel
  LayerTimeBasis time_basis = LayerTimeBasis::layer_timing;
  std::optional<double> flops;
  std::optional<double> bytes;
  BytesBasis bytes_basis = BytesBasis::none;
  std::optional<double> intensity;        // flops a byte
  std::optional<double> memory_seconds;   // at the memory's bandwidth
  std::optional<double> compute_seconds;  // at the peak of its precision
  std::optional<double> ideal_seconds;    // the longer of those that are known
  std::optional<double> share;            // ideal_seconds / seconds
  std::optional<double> lost_seconds;     // seconds - ideal_seconds, 0 at the least
  std::optional<std::int64_t> blocks;     // of its longest kernel
  LayerBound bound = LayerBound::unknown;
  std::string reason;  // a sentence with the figures: why it is that, or why it is not known
};

struct Roofline {
  std::string device;                  // of the ceilings; empty: there were none, shares are not known
  std::vector<CeilingFigure> figures;  // that were used
  bool from_timeline = false;          // times are kernels' where a layer has any
  std::vector<LayerRoofline> layers;   // by index of LayerRun::layers
  // Sums over layers with a time.
  double seconds = 0.0;
  double seconds_with_ideal = 0.0;  // of layers that have an ideal time
  double ideal_seconds = 0.0;
  double lost_seconds = 0.0;
  double seconds_of_no_layer = 0.0;  // kernels that belong to none
};

// `ceilings` may be null. `costs` are those of layer_costs(), one a layer. nullopt without a layer run.
[[nodiscard]] std::optional<Roofline> roofline_of(const Profile& profile, const std::vector<LayerCost>& costs,
                                                  const DeviceCeilings* ceilings);

[[nodiscard]] std::string_view to_string(LayerBound bound);

}  // namespace trtprof
