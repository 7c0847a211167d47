#include "trtprof/backend/tensorrt/cuda.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

namespace trtprof::tensorrt {
namespace {

// What a user can do about it; empty where CUDA's own text says all.
std::string hint_for(cudaError_t code) {
  switch (code) {
    case cudaErrorInsufficientDriver:
      return "The NVIDIA driver is missing or older than CUDA 13 needs (580 or newer).";
    case cudaErrorNoDevice:
      return "No NVIDIA GPU is visible to this process; nvidia-smi and CUDA_VISIBLE_DEVICES tell more.";
    case cudaErrorMemoryAllocation:
      return "Use a smaller batch, or free the memory that other processes hold (nvidia-smi lists them).";
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorHardwareStackError:
    case cudaErrorECCUncorrectable:
      return "The device is of no more use to this process; compute-sanitizer names the kernel.";
    default:
      return {};
  }
}

bool means_unavailable(cudaError_t code) {
  return code == cudaErrorInsufficientDriver || code == cudaErrorNoDevice || code == cudaErrorInvalidDevice ||
         code == cudaErrorDevicesUnavailable || code == cudaErrorSystemNotReady ||
         code == cudaErrorSystemDriverMismatch || code == cudaErrorStubLibrary;
}

}  // namespace

Error cuda_error(cudaError_t code, std::string_view call, std::string_view doing) {
  int device = 0;
  const bool has_device = cudaGetDevice(&device) == cudaSuccess;
  static_cast<void>(cudaGetLastError());  // an error that is not sticky is over once it is told
  return {means_unavailable(code) ? ErrorCode::unavailable : ErrorCode::failed,
          fmt::format("{} failed{}{}{}: {} ({})", call, has_device ? fmt::format(" on cuda:{}", device) : "",
                      doing.empty() ? "" : " ", doing, cudaGetErrorString(code), cudaGetErrorName(code)),
          hint_for(code)};
}

Result<Stream> make_stream() {
  cudaStream_t stream = nullptr;
  if (const auto code = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking); code != cudaSuccess) {
    return tl::unexpected<Error>(cuda_error(code, "cudaStreamCreate"));
  }
  return Stream(stream);
}

Result<Event> make_event(bool spin) {
  cudaEvent_t event = nullptr;
  const unsigned flags = spin ? cudaEventDefault : cudaEventBlockingSync;
  if (const auto code = cudaEventCreateWithFlags(&event, flags); code != cudaSuccess) {
    return tl::unexpected<Error>(cuda_error(code, "cudaEventCreate"));
  }
  return Event(event);
}

Result<double> seconds_between(cudaEvent_t begin, cudaEvent_t end) {
  float milliseconds = 0;
  if (const auto code = cudaEventElapsedTime(&milliseconds, begin, end); code != cudaSuccess) {
    return tl::unexpected<Error>(cuda_error(code, "cudaEventElapsedTime"));
  }
  return static_cast<double>(milliseconds) * 1e-3;
}

Result<DeviceMemory> DeviceMemory::allocate(std::size_t bytes, std::string_view what) {
  void* data = nullptr;
  const std::size_t size = std::max<std::size_t>(bytes, 1);
  if (const auto code = cudaMalloc(&data, size); code != cudaSuccess) {
    std::size_t free = 0;
    std::size_t total = 0;
    std::string room;
    if (code == cudaErrorMemoryAllocation && cudaMemGetInfo(&free, &total) == cudaSuccess) {
      room = fmt::format(", {} of {} being free", bytes_text(free), bytes_text(total));
    }
    return tl::unexpected<Error>(
        cuda_error(code, "cudaMalloc", fmt::format("for {} of {}{}", bytes_text(size), what, room)));
  }
  DeviceMemory memory;
  memory.data_.reset(data);
  memory.size_ = bytes;
  return memory;
}

Result<HostMemory> HostMemory::allocate(std::size_t bytes, bool pageable, std::string_view what) {
  void* data = nullptr;
  const std::size_t size = std::max<std::size_t>(bytes, 1);
  if (pageable) {
    data = std::malloc(size);
    if (data == nullptr) return fail(fmt::format("no memory for {} of {}", bytes_text(size), what));
  } else if (const auto code = cudaMallocHost(&data, size); code != cudaSuccess) {
    return tl::unexpected<Error>(
        cuda_error(code, "cudaMallocHost", fmt::format("for {} of {}", bytes_text(size), what)));
  }
  HostMemory memory;
  memory.data_ = std::unique_ptr<void, FreeHost>(data, FreeHost{pageable});
  memory.size_ = bytes;
  return memory;
}

void FreeHost::operator()(void* data) const {
  if (pageable) {
    std::free(data);
  } else {
    static_cast<void>(cudaFreeHost(data));
  }
}

std::string bytes_text(std::size_t bytes) {
  static constexpr std::array<const char*, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024.0 && unit + 1 < units.size()) {
    value /= 1024.0;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.2f} {}", value, units[unit]);
}

}  // namespace trtprof::tensorrt
