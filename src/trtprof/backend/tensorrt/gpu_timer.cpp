#include "trtprof/backend/tensorrt/gpu_timer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "trtprof/backend/tensorrt/ceiling_kernels.h"

namespace trtprof::tensorrt {
namespace {

// Half a millisecond: the global timer counts in microseconds on some devices.
constexpr std::uint64_t kProbeCycles = 1'000'000;
constexpr double kMostTimes = 1e6;

}  // namespace

Result<GpuTimer> GpuTimer::make() {
  GpuTimer timer;
  auto stream = make_stream();
  if (!stream) return forward_error(stream);
  timer.stream_ = *std::move(stream);
  for (Event* event : {&timer.begin_, &timer.end_}) {
    auto made = make_event(true);
    if (!made) return forward_error(made);
    *event = *std::move(made);
  }
  auto counts = DeviceMemory::allocate(2 * sizeof(std::uint64_t), "counts of a clock");
  if (!counts) return forward_error(counts);
  timer.counts_ = *std::move(counts);
  return timer;
}

Result<double> GpuTimer::seconds(const Enqueue& work) const {
  if (Status begun = cuda_check(cudaEventRecord(begin_.get(), stream()), "cudaEventRecord"); !begun) {
    return forward_error(begun);
  }
  if (Status enqueued = work(stream()); !enqueued) return forward_error(enqueued);
  if (Status ended = cuda_check(cudaEventRecord(end_.get(), stream()), "cudaEventRecord"); !ended) {
    return forward_error(ended);
  }
  if (Status waited = cuda_check(cudaEventSynchronize(end_.get()), "cudaEventSynchronize"); !waited) {
    return forward_error(waited);
  }
  return seconds_between(begin_.get(), end_.get());
}

Result<double> GpuTimer::clock_behind(const Enqueue& work) const {
  if (Status enqueued = work(stream()); !enqueued) return forward_error(enqueued);
  auto* counts = static_cast<std::uint64_t*>(counts_.data());
  if (Status probed = cuda_check(launch_clock_probe(kProbeCycles, counts, stream()), "a kernel's launch"); !probed) {
    return forward_error(probed);
  }
  std::array<std::uint64_t, 2> read{};
  const auto copied = cudaMemcpyAsync(read.data(), counts, sizeof(read), cudaMemcpyDeviceToHost, stream());
  if (Status status = cuda_check(copied, "cudaMemcpyAsync"); !status) return forward_error(status);
  if (Status waited = cuda_check(cudaStreamSynchronize(stream()), "cudaStreamSynchronize"); !waited) {
    return forward_error(waited);
  }
  if (read[1] == 0) return fail("the device's timer did not move");
  return static_cast<double>(read[0]) / static_cast<double>(read[1]) * 1e9;
}

int GpuTimer::times_for(double once, double wanted) {
  return static_cast<int>(std::clamp(std::ceil(wanted / std::max(once, 1e-9)), 1.0, kMostTimes));
}

}  // namespace trtprof::tensorrt
