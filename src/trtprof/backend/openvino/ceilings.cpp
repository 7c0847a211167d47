#include "trtprof/backend/openvino/ceilings.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openvino/op/parameter.hpp>
#include <openvino/op/relu.hpp>
#include <openvino/op/result.hpp>
#include <openvino/runtime/properties.hpp>

#include "trtprof/backend/ceiling_figures.h"
#include "trtprof/backend/host_bandwidth.h"
#include "trtprof/backend/host_caches.h"
#include "trtprof/backend/openvino/peak_model.h"
#include "trtprof/base/format.h"
#include "trtprof/base/text.h"

namespace trtprof::openvino {
namespace {

struct Peak {
  CeilingKind kind;
  const char* precision;
};
constexpr std::array<Peak, 4> kPeaks{{{CeilingKind::fp32_peak, "f32"},
                                      {CeilingKind::bf16_peak, "bf16"},
                                      {CeilingKind::fp16_peak, "f16"},
                                      {CeilingKind::int8_peak, "i8"}}};
constexpr std::size_t kSteps = kPeaks.size() + 2;
// Of one sample of cache reads: far above what starting threads together costs.
constexpr double kReadSeconds = 0.02;

std::string on_threads(std::size_t threads) {
  return fmt::format("on {} thread{}", threads, threads == 1 ? "" : "s");
}

Result<CeilingFigure> memory_figure(ThreadTeam& team, double seconds, const StopFlag& stop) {
  const auto bytes = copy_array_bytes(read_host_caches(), available_memory());
  if (!bytes) return forward_error(bytes);
  const auto from = HostArray::make(*bytes, team);
  if (!from) return forward_error(from);
  const auto to = HostArray::make(*bytes, team);
  if (!to) return forward_error(to);
  const auto samples = sample_runs(seconds, stop, [&]() -> Result<double> { return copy_seconds(team, *from, *to); });
  if (!samples) return forward_error(samples);
  return rate_figure(
      CeilingKind::memory_bandwidth, 2.0 * static_cast<double>(from->bytes()), *samples,
      fmt::format("copies of {} {}, bytes read and written", format_bytes(from->bytes()), on_threads(team.size())));
}

Result<CeilingFigure> cache_figure(ThreadTeam& team, double seconds, const StopFlag& stop) {
  const auto caches = read_host_caches();
  const auto bytes = cache_array_bytes(caches);
  if (!bytes) return forward_error(bytes);
  const auto array = HostArray::make(*bytes, team);
  if (!array) return forward_error(array);
  const double once = read_seconds(team, *array, 1);
  const auto rounds = static_cast<std::size_t>(std::clamp(kReadSeconds / std::max(once, 1e-6), 1.0, 1e4));
  const auto samples =
      sample_runs(seconds, stop, [&]() -> Result<double> { return read_seconds(team, *array, rounds); });
  if (!samples) return forward_error(samples);
  return rate_figure(CeilingKind::cache_bandwidth, static_cast<double>(rounds) * static_cast<double>(array->bytes()),
                     *samples,
                     fmt::format("reads of {} in the L{} cache {}", format_bytes(array->bytes()), caches->last_level,
                                 on_threads(team.size())));
}

// Exceptions of the engine as errors, each figure for itself.
Result<CeilingFigure> guarded(const auto& measure) {
  try {
    return measure();
  } catch (const std::exception& error) {
    std::string text = printable(error.what());
    return fail(fmt::format("OpenVINO could not run the model that measures it: {}", text.substr(0, text.find('\n'))));
  }
}

}  // namespace

int default_threads(ov::Core& core) {
  const auto parameter = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::Shape{16});
  const auto relu = std::make_shared<ov::op::v0::Relu>(parameter);
  const auto model = std::make_shared<ov::Model>(ov::OutputVector{std::make_shared<ov::op::v0::Result>(relu)},
                                                 ov::ParameterVector{parameter});
  const ov::AnyMap properties = {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY)};
  return std::max(1, core.compile_model(model, "CPU", properties).get_property(ov::inference_num_threads));
}

Result<MeasuredCeilings> measure_cpu(ov::Core& core, const std::string& device_name, const CeilingsRequest& request,
                                     Progress& progress, const StopFlag& stop) {
  DeviceCeilings device;
  device.device = device_name;
  device.names = {device_name};
  CeilingCollector collector(std::move(device), kSteps, progress, stop);
  {
    ThreadTeam team(static_cast<std::size_t>(default_threads(core)));
    collector.take(CeilingKind::memory_bandwidth, "memory bandwidth",
                   [&] { return memory_figure(team, request.seconds, stop); });
    collector.take(CeilingKind::cache_bandwidth, "bandwidth of the last cache",
                   [&] { return cache_figure(team, request.seconds, stop); });
  }
  for (const Peak& peak : kPeaks) {
    collector.take(peak.kind, fmt::format("arithmetic in {}", peak.precision), [&] {
      return guarded([&] { return measure_peak(core, {peak.kind, peak.precision, request.seconds}, stop); });
    });
  }
  collector.note("Arithmetic peaks are what OpenVINO's own layers reach, not what the CPU's instructions could.");
  return collector.finish();
}

}  // namespace trtprof::openvino
