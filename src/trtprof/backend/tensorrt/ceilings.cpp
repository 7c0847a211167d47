#include "trtprof/backend/tensorrt/ceilings.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/ceiling_figures.h"
#include "trtprof/backend/gpu_buffers.h"
#include "trtprof/backend/tensorrt/ceiling_kernels.h"
#include "trtprof/backend/tensorrt/gpu_timer.h"
#include "trtprof/backend/tensorrt/host_copies.h"
#include "trtprof/backend/tensorrt/launch_cost.h"
#include "trtprof/backend/tensorrt/matrix_peaks.h"
#include "trtprof/base/format.h"

namespace trtprof::tensorrt {
namespace {

// Of one sample: events and launches take microseconds.
constexpr double kSampleSeconds = 0.005;
constexpr int kThreadsPerMultiprocessor = 2048;
constexpr int kTrialIterations = 64;
constexpr int kTrialRounds = 8;

struct HostRate {
  CeilingKind kind;
  const char* what;
};
constexpr std::array<HostRate, 4> kHostRates{
    {{CeilingKind::host_to_device_rate, "copies to the device, page-locked"},
     {CeilingKind::device_to_host_rate, "copies to the host, page-locked"},
     {CeilingKind::pageable_host_to_device_rate, "copies to the device, pageable"},
     {CeilingKind::pageable_device_to_host_rate, "copies to the host, pageable"}}};
constexpr std::size_t kOthers = 5;  // memory, L2, FP32, launches on a stream and in a graph

// `work` a sample, done so often that a sample takes long enough.
class Limits {
 public:
  Limits(const GpuTimer& timer, const DeviceFacts& facts, double seconds, const StopFlag& stop)
      : timer_(timer), facts_(facts), seconds_(seconds), stop_(stop) {}

  Result<CeilingFigure> memory() const {
    std::size_t free = 0;
    std::size_t total = 0;
    if (Status asked = cuda_check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo"); !asked) return forward_error(asked);
    const auto bytes = device_copy_bytes(facts_.l2_bytes, free);
    if (!bytes) return forward_error(bytes);
    const auto from = DeviceMemory::allocate(*bytes, "a copy within the device");
    if (!from) return forward_error(from);
    const auto to = DeviceMemory::allocate(*bytes, "a copy within the device");
    if (!to) return forward_error(to);
    const auto filled = launch_fill(from->data(), *bytes / sizeof(float), FillType::f32, timer_.stream());
    if (Status status = cuda_check(filled, "a kernel's launch"); !status) return forward_error(status);
    const auto copies = [&](int times) {
      return [&, times](cudaStream_t stream) -> Status {
        for (int i = 0; i < times; ++i) {
          const auto code = cudaMemcpyAsync(to->data(), from->data(), *bytes, cudaMemcpyDeviceToDevice, stream);
          if (Status copied = cuda_check(code, "cudaMemcpyAsync"); !copied) return copied;
        }
        return {};
      };
    };
    return rate(CeilingKind::memory_bandwidth, 2.0 * static_cast<double>(*bytes), 1, copies,
                fmt::format("copies of {} within the device's memory, bytes read and written", format_bytes(*bytes)));
  }

  Result<CeilingFigure> l2() const {
    const std::uint64_t bytes = l2_read_bytes(facts_.l2_bytes);
    if (bytes == 0) return unavailable("the device does not say that it has an L2 cache");
    const auto data = DeviceMemory::allocate(bytes, "reads from the L2 cache");
    if (!data) return forward_error(data);
    const auto sink = DeviceMemory::allocate(sizeof(std::uint32_t), "reads from the L2 cache");
    if (!sink) return forward_error(sink);
    const auto filled = launch_fill(data->data(), bytes / sizeof(float), FillType::f32, timer_.stream());
    if (Status status = cuda_check(filled, "a kernel's launch"); !status) return forward_error(status);
    const auto reads = [&](int rounds) {
      return [&, rounds](cudaStream_t stream) {
        return cuda_check(launch_l2_reads(data->data(), bytes, rounds, facts_.multiprocessors,
                                          static_cast<std::uint32_t*>(sink->data()), stream),
                          "a kernel's launch");
      };
    };
    return rate(
        CeilingKind::cache_bandwidth, static_cast<double>(bytes), kTrialRounds, reads,
        fmt::format("reads of {} in the L2 cache of {}, past L1", format_bytes(bytes), format_bytes(facts_.l2_bytes)));
  }

  Result<CeilingFigure> fp32() const {
    const int blocks = facts_.multiprocessors * (kThreadsPerMultiprocessor / fma_threads());
    const auto threads = static_cast<std::size_t>(blocks) * static_cast<std::size_t>(fma_threads());
    const auto sink = DeviceMemory::allocate(threads * sizeof(float), "multiply-adds");
    if (!sink) return forward_error(sink);
    const auto multiply_adds = [&](int iterations) {
      return [&, iterations](cudaStream_t stream) {
        return cuda_check(launch_fma(blocks, iterations, static_cast<float*>(sink->data()), stream),
                          "a kernel's launch");
      };
    };
    return rate(CeilingKind::fp32_peak, 2.0 * static_cast<double>(threads) * fma_per_iteration(), kTrialIterations,
                multiply_adds, "chains of multiply-adds in registers, outside the matrix units");
  }

 private:
  template <class MakeRun>
  Result<CeilingFigure> rate(CeilingKind kind, double work_once, int trial, const MakeRun& run,
                             const std::string& source) const {
    for (int unseen = 0; unseen < 2; ++unseen) {
      if (const auto once = timer_.seconds(run(trial)); !once) return forward_error(once);
    }
    const auto tried = timer_.seconds(run(trial));
    if (!tried) return forward_error(tried);
    const int times = GpuTimer::times_for(*tried / trial, kSampleSeconds);
    const GpuTimer::Enqueue sample = run(times);
    const auto samples = sample_runs(seconds_, stop_, [&] { return timer_.seconds(sample); });
    if (!samples) return forward_error(samples);
    const auto clock = timer_.clock_behind(sample);
    if (!clock) return forward_error(clock);
    return rate_figure(kind, work_once * times, *samples, fmt::format("{}, at {}", source, format_clock(*clock)));
  }

  const GpuTimer& timer_;
  const DeviceFacts& facts_;
  double seconds_;
  const StopFlag& stop_;
};

std::string clock_note(int device, const DeviceFacts& facts) {
  int kilohertz = 0;
  int memory_kilohertz = 0;
  std::string most;
  if (cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, device) == cudaSuccess && kilohertz > 0) {
    most = fmt::format(", at most {}", format_clock(kilohertz * 1e3));
  }
  if (cudaDeviceGetAttribute(&memory_kilohertz, cudaDevAttrMemoryClockRate, device) == cudaSuccess &&
      memory_kilohertz > 0) {
    most += fmt::format(", its memory at most {}", format_clock(memory_kilohertz * 1e3));
  }
  static_cast<void>(cudaGetLastError());
  return fmt::format(
      "Clocks were left as they are: {} multiprocessors{}. A figure's clock is the multiprocessors' right "
      "behind its last sample.",
      facts.multiprocessors, most);
}

}  // namespace

Result<MeasuredCeilings> measure_gpu(int device, const DeviceFacts& facts, const CeilingsRequest& request,
                                     Progress& progress, const StopFlag& stop) {
  const auto timer = GpuTimer::make();
  if (!timer) return forward_error(timer);
  DeviceCeilings ceilings;
  ceilings.device = facts.name;
  ceilings.names = {facts.name};
  CeilingCollector collector(std::move(ceilings), kOthers + matrix_precisions().size() + kHostRates.size(), progress,
                             stop);
  const Limits limits(*timer, facts, request.seconds, stop);
  collector.take(CeilingKind::memory_bandwidth, "memory bandwidth", [&] { return limits.memory(); });
  collector.take(CeilingKind::cache_bandwidth, "L2 bandwidth", [&] { return limits.l2(); });
  collector.take(CeilingKind::fp32_peak, "multiply-adds in FP32", [&] { return limits.fp32(); });
  for (const MatrixPrecision& precision : matrix_precisions()) {
    collector.take(precision.kind, fmt::format("matrix units in {}", precision.name), [&] {
      return measure_matrix_peak(*timer, {precision, facts.compute_capability, request.seconds}, stop);
    });
  }
  collector.take(CeilingKind::launch_cost, "launches on a stream",
                 [&] { return measure_launch_cost(*timer, request.seconds, stop); });
  collector.take(CeilingKind::graph_node_cost, "kernels in a CUDA graph",
                 [&] { return measure_graph_node_cost(*timer, request.seconds, stop); });
  for (const HostRate& rate : kHostRates) {
    collector.take(rate.kind, rate.what, [&] { return measure_host_copies(*timer, rate.kind, request.seconds, stop); });
  }
  collector.note(clock_note(device, facts));
  return collector.finish();
}

}  // namespace trtprof::tensorrt
