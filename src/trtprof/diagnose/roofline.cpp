#include "trtprof/diagnose/roofline.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/diagnose/device_properties.h"
#include "trtprof/profile/counter_figures.h"
#include "trtprof/profile/layer_kernels.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

// The shortest kernels of MobileNetV2 at batch 1 take 1.9 us on an H200, with next to nothing to do. Below a few times
// that, starting and draining is a large part of a kernel.
constexpr double kShortKernel = 5e-6;
// The same by the engine's layer timing, which adds up to 5 us to each: on an H200, MobileNetV2's 52 convolutions at
// batch 1 take 156 us by timestamps and 409 us by layer timing.
constexpr double kShortLayer = 2.0 * kShortKernel;
// From half of a limit on, it is the limit that holds a layer back.
constexpr double kNear = 0.5;

struct Measured {
  std::optional<double> seconds;
  LayerTimeBasis basis = LayerTimeBasis::layer_timing;
  std::optional<std::int64_t> blocks;
};

std::optional<std::int64_t> blocks_of(const KernelLaunch& launch) {
  if (launch.grid.empty()) return std::nullopt;
  std::int64_t blocks = 1;
  for (const std::int64_t extent : launch.grid) blocks *= extent;
  return blocks;
}

std::optional<std::int64_t> blocks_of_longest(const LayerKernels& layer, const Timeline& timeline) {
  std::optional<std::int64_t> blocks;
  double longest = -1.0;
  for (const std::size_t k : layer.kernels) {
    const double seconds = median_of(timeline.kernels[k].time).value_or(0.0);
    if (seconds <= longest) continue;
    longest = seconds;
    blocks = blocks_of(timeline.kernels[k].launch);
  }
  return blocks;
}

bool runs_on_matrix_units(LayerClass layer_class) {
  switch (layer_class) {
    case LayerClass::convolution:
    case LayerClass::deconvolution:
    case LayerClass::matmul:
    case LayerClass::fully_connected:
    case LayerClass::attention:
    case LayerClass::recurrent:
    case LayerClass::fused:
    case LayerClass::opaque:
      return true;
    default:
      return false;
  }
}

// The first of these that is known.
const CeilingFigure* first_of(const DeviceCeilings& ceilings, std::initializer_list<CeilingKind> kinds) {
  for (const CeilingKind kind : kinds) {
    if (const CeilingFigure* figure = ceilings.find(kind)) return figure;
  }
  return nullptr;
}

// Of multiply-adds in the layer's precision. What a device has no figure for runs no faster than what it has.
const CeilingFigure* matrix_peak(const Layer& layer, const DeviceCeilings& ceilings) {
  const std::string& precision = layer.precision;
  if (precision == "f16") return first_of(ceilings, {CeilingKind::fp16_peak, CeilingKind::bf16_peak});
  if (precision == "bf16") return first_of(ceilings, {CeilingKind::bf16_peak, CeilingKind::fp16_peak});
  if (precision == "i8" || precision == "u8") return ceilings.find(CeilingKind::int8_peak);
  if (precision.starts_with("f8")) return ceilings.find(CeilingKind::fp8_peak);
  if (precision == "tf32") return ceilings.find(CeilingKind::tf32_peak);
  return precision == "f32" ? ceilings.find(CeilingKind::fp32_peak) : nullptr;
}

class Judge {
 public:
  Judge(const Profile& profile, const DeviceCeilings* ceilings, Roofline& result)
      : ceilings_(ceilings),
        result_(result),
        multiprocessors_(multiprocessors(profile.environment)),
        gpu_(profile.environment.device_kind == DeviceKind::gpu) {
    if (profile.counters) {
      for (LayerFigures& layer : figures_by_layer(*profile.counters)) counted_.emplace(layer.layer, layer.figures);
    }
  }

  [[nodiscard]] LayerRoofline of(std::size_t index, const Layer& layer, const LayerCost& cost,
                                 const Measured& measured) {
    LayerRoofline roof;
    roof.layer = index;
    roof.seconds = measured.seconds;
    roof.time_basis = measured.basis;
    roof.blocks = measured.blocks;
    roof.flops = cost.cost.flops;
    take_bytes(layer, cost, roof);
    if (roof.flops && roof.bytes && *roof.bytes > 0.0) roof.intensity = *roof.flops / *roof.bytes;
    if (ceilings_ != nullptr) limit(layer, cost.cost, *ceilings_, roof);
    judge(roof);
    return roof;
  }

 private:
  void take_bytes(const Layer& layer, const LayerCost& cost, LayerRoofline& roof) const {
    const auto counted = counted_.find(layer.name);
    if (counted != counted_.end() && counted->second.dram_bytes) {
      roof.bytes = counted->second.dram_bytes;
      roof.bytes_basis = BytesBasis::counters;
    } else if (cost.cost.bytes_read && cost.cost.bytes_written) {
      roof.bytes = *cost.cost.bytes_read + *cost.cost.bytes_written;
      roof.bytes_basis = cost.basis == CostBasis::model ? BytesBasis::model : BytesBasis::tensors;
    }
  }

  // nullptr adds nothing.
  const CeilingFigure* used(const CeilingFigure* figure) {
    if (figure != nullptr && std::ranges::find(result_.figures, *figure) == result_.figures.end()) {
      result_.figures.push_back(*figure);
    }
    return figure;
  }

  std::optional<double> compute_seconds(const Layer& layer, const Cost& cost, const DeviceCeilings& ceilings) {
    if (!cost.flops || !cost.macs) return std::nullopt;
    if (*cost.flops == 0.0) return 0.0;
    const bool matrix = runs_on_matrix_units(layer.layer_class) && *cost.macs > 0.0;
    const double in_matrix = matrix ? 2.0 * *cost.macs : 0.0;
    const double others = *cost.flops - in_matrix;
    const CeilingFigure* peak = in_matrix > 0.0 ? used(matrix_peak(layer, ceilings)) : nullptr;
    const CeilingFigure* vector = others > 0.0 ? used(ceilings.find(CeilingKind::fp32_peak)) : nullptr;
    if ((in_matrix > 0.0 && peak == nullptr) || (in_matrix == 0.0 && vector == nullptr)) return std::nullopt;
    // At best both units work at once.
    return std::max(peak != nullptr ? in_matrix / peak->value : 0.0, vector != nullptr ? others / vector->value : 0.0);
  }

  void limit(const Layer& layer, const Cost& cost, const DeviceCeilings& ceilings, LayerRoofline& roof) {
    if (roof.bytes) {
      if (const CeilingFigure* bandwidth = used(ceilings.find(CeilingKind::memory_bandwidth))) {
        roof.memory_seconds = *roof.bytes / bandwidth->value;
      }
    }
    roof.compute_seconds = compute_seconds(layer, cost, ceilings);
    if (roof.memory_seconds || roof.compute_seconds) {
      roof.ideal_seconds = std::max(roof.memory_seconds.value_or(0.0), roof.compute_seconds.value_or(0.0));
    }
    if (!roof.seconds || *roof.seconds <= 0.0 || !roof.ideal_seconds) return;
    roof.share = *roof.ideal_seconds / *roof.seconds;
    roof.lost_seconds = std::max(*roof.seconds - *roof.ideal_seconds, 0.0);
  }

  void judge(LayerRoofline& roof) const {
    if (!roof.seconds) {
      roof.reason = "no time of it is known";
      return;
    }
    const bool near = roof.share && *roof.share >= kNear;
    if (!near && roof.blocks && multiprocessors_ && *roof.blocks < *multiprocessors_) {
      roof.bound = LayerBound::latency;
      roof.reason = fmt::format("its kernel has {} blocks for {} multiprocessors", *roof.blocks, *multiprocessors_);
      return;
    }
    const double is_short = roof.time_basis == LayerTimeBasis::kernels ? kShortKernel : kShortLayer;
    if (gpu_ && !near && roof.share && *roof.seconds <= is_short) {
      roof.bound = LayerBound::latency;
      roof.reason = fmt::format("it is over after {:.1f} us, of which bytes and arithmetic need {:.0f}%",
                                1e6 * *roof.seconds, 100.0 * *roof.share);
      return;
    }
    judge_limits(near, roof);
  }

  void judge_limits(bool near, LayerRoofline& roof) const {
    if (!roof.share) {
      roof.reason = ceilings_ == nullptr ? "the limits of the device are not known" : "what it must cost is not known";
      return;
    }
    const bool both = roof.memory_seconds && roof.compute_seconds;
    if (!both && !near) {
      roof.reason = fmt::format("{:.0f}% of the {} limit; the {} limit is not known", 100.0 * *roof.share,
                                roof.memory_seconds ? "memory" : "compute", roof.memory_seconds ? "compute" : "memory");
      return;
    }
    const bool memory = roof.memory_seconds.value_or(0.0) >= roof.compute_seconds.value_or(0.0);
    roof.bound = memory ? LayerBound::memory : LayerBound::compute;
    roof.reason = fmt::format("{:.1f} us at the {} limit of {:.1f} us: {:.0f}%", 1e6 * *roof.ideal_seconds,
                              memory ? "memory" : "compute", 1e6 * *roof.seconds, 100.0 * *roof.share);
  }

  const DeviceCeilings* ceilings_;
  Roofline& result_;
  std::optional<std::int64_t> multiprocessors_;
  bool gpu_;
  std::map<std::string, CounterFigures> counted_;
};

// Of kernels that are in none of `layers`.
double seconds_of_no_layer(const std::vector<LayerKernels>& layers, const Timeline& timeline) {
  std::vector<bool> owned(timeline.kernels.size(), false);
  for (const LayerKernels& layer : layers) {
    for (const std::size_t kernel : layer.kernels) owned[kernel] = true;
  }
  double seconds = 0.0;
  for (std::size_t k = 0; k < timeline.kernels.size(); ++k) {
    if (!owned[k]) seconds += median_of(timeline.kernels[k].time).value_or(0.0);
  }
  return seconds;
}

// Kernels' times for a layer that has any; with a timeline of kernels, a layer without any took no time of the device.
std::vector<Measured> measured_layers(const Profile& profile, Roofline& result) {
  const LayerRun& run = *profile.layer_run;
  std::vector<Measured> measured(run.layers.size());
  std::vector<LayerKernels> kernels;
  if (profile.timeline) {
    kernels = kernels_by_layer(run, *profile.timeline);
    result.seconds_of_no_layer = seconds_of_no_layer(kernels, *profile.timeline);
  }
  result.from_timeline = std::ranges::any_of(kernels, [](const LayerKernels& layer) { return !layer.kernels.empty(); });
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    if (!result.from_timeline) {
      measured[i].seconds = layer_seconds(run.layers[i]);
    } else if (kernels[i].gpu_seconds) {
      measured[i] = {kernels[i].gpu_seconds, LayerTimeBasis::kernels, blocks_of_longest(kernels[i], *profile.timeline)};
    }
  }
  return measured;
}

}  // namespace

std::optional<Roofline> roofline_of(const Profile& profile, const std::vector<LayerCost>& costs,
                                    const DeviceCeilings* ceilings) {
  if (!profile.layer_run || costs.size() != profile.layer_run->layers.size()) return std::nullopt;
  Roofline result;
  result.device = ceilings != nullptr ? ceilings->device : std::string();
  const std::vector<Measured> measured = measured_layers(profile, result);
  Judge judge(profile, ceilings, result);
  for (std::size_t i = 0; i < costs.size(); ++i) {
    LayerRoofline roof = judge.of(i, profile.layer_run->layers[i], costs[i], measured[i]);
    result.seconds += roof.seconds.value_or(0.0);
    if (roof.share) {
      result.seconds_with_ideal += *roof.seconds;
      result.ideal_seconds += *roof.ideal_seconds;
      result.lost_seconds += *roof.lost_seconds;
    }
    result.layers.push_back(std::move(roof));
  }
  return result;
}

std::string_view to_string(LayerBound bound) {
  constexpr std::array<std::string_view, 4> names{"memory", "compute", "latency", "unknown"};
  return names[static_cast<std::size_t>(bound)];
}

}  // namespace trtprof
