#include "trtprof/backend/tensorrt/host_copies.h"

#include <cstring>

#include <fmt/format.h>

#include "trtprof/backend/ceiling_figures.h"
#include "trtprof/base/format.h"
#include "trtprof/base/steady_time.h"

namespace trtprof::tensorrt {
namespace {

// Large enough that starting a copy does not count, small enough for any device.
constexpr std::size_t kCopyBytes = std::size_t{256} << 20;

bool to_device(CeilingKind kind) {
  return kind == CeilingKind::host_to_device_rate || kind == CeilingKind::pageable_host_to_device_rate;
}

bool pageable(CeilingKind kind) {
  return kind == CeilingKind::pageable_host_to_device_rate || kind == CeilingKind::pageable_device_to_host_rate;
}

}  // namespace

Result<CeilingFigure> measure_host_copies(const GpuTimer& timer, CeilingKind kind, double seconds,
                                          const StopFlag& stop) {
  const auto host = HostMemory::allocate(kCopyBytes, pageable(kind), "copies between host and device");
  if (!host) return forward_error(host);
  const auto device = DeviceMemory::allocate(kCopyBytes, "copies between host and device");
  if (!device) return forward_error(device);
  std::memset(host->data(), 1, kCopyBytes);  // pages exist from their first write on
  void* const target = to_device(kind) ? device->data() : host->data();
  const void* const source = to_device(kind) ? host->data() : device->data();
  const auto copy = [&](cudaStream_t stream) {
    return cuda_check(cudaMemcpyAsync(target, source, kCopyBytes, cudaMemcpyDefault, stream), "cudaMemcpyAsync");
  };
  // The driver takes part in pageable copies: the host's clock sees all of it.
  const auto by_host = [&]() -> Result<double> {
    const double begin = steady_seconds();
    if (Status copied = copy(timer.stream()); !copied) return forward_error(copied);
    const auto code = cudaStreamSynchronize(timer.stream());
    if (Status waited = cuda_check(code, "cudaStreamSynchronize"); !waited) return forward_error(waited);
    return steady_seconds() - begin;
  };
  const auto samples = sample_runs(seconds, stop, [&] { return pageable(kind) ? by_host() : timer.seconds(copy); });
  if (!samples) return forward_error(samples);
  return rate_figure(
      kind, static_cast<double>(kCopyBytes), *samples,
      fmt::format("copies of {} of {} memory", format_bytes(kCopyBytes), pageable(kind) ? "pageable" : "page-locked"));
}

}  // namespace trtprof::tensorrt
