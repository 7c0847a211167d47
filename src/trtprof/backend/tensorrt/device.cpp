#include "trtprof/backend/tensorrt/device.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/cuda.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

// 13000 to "13.0"
std::string cuda_version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

Result<int> device_count() {
  int count = 0;
  if (const auto code = cudaGetDeviceCount(&count); code != cudaSuccess) {
    int driver = 0;
    if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) {
      return unavailable(
          "no usable NVIDIA GPU: no NVIDIA driver is loaded",
          fmt::format("CUDA {} needs an NVIDIA GPU and its driver; nvidia-smi tells more.", CUDART_VERSION / 1000));
    }
    Error error = cuda_error(code, "cudaGetDeviceCount");
    error.code = ErrorCode::unavailable;
    error.message = fmt::format("no usable NVIDIA GPU: {}", error.message);
    return tl::unexpected<Error>(std::move(error));
  }
  return count;
}

// "9.0"
std::string capability_of(const cudaDeviceProp& properties) {
  return fmt::format("{}.{}", properties.major, properties.minor);
}

std::string device_id(int index) {
  return fmt::format("cuda:{}", index);
}

}  // namespace

Result<std::vector<DeviceInfo>> list_devices() {
  const Result<int> count = device_count();
  if (!count) return forward_error(count);
  std::vector<DeviceInfo> devices;
  for (int i = 0; i < *count; ++i) {
    cudaDeviceProp properties{};
    if (const auto code = cudaGetDeviceProperties(&properties, i); code != cudaSuccess) {
      return tl::unexpected<Error>(cuda_error(code, "cudaGetDeviceProperties"));
    }
    devices.push_back({device_id(i), properties.name, DeviceKind::gpu, capability_of(properties)});
  }
  return devices;
}

Result<int> find_device(const std::string& id) {
  const Result<int> count = device_count();
  if (!count) return forward_error(count);
  int index = -1;
  if (id.empty() || id == "cuda" || id == "gpu") {
    index = 0;
  } else if (id.starts_with("cuda:")) {
    const char* const end = id.data() + id.size();
    const auto [stop, error] = std::from_chars(id.data() + 5, end, index);
    if (error != std::errc() || stop != end) index = -1;
  }
  if (index >= 0 && index < *count) return index;
  return unavailable(fmt::format("device '{}' is not one of the NVIDIA GPUs here", printable(id)),
                     *count == 1 ? "It has one device: cuda:0." : fmt::format("It has cuda:0 to cuda:{}.", *count - 1));
}

Status use_device(int index, bool spin) {
  if (Status set = cuda_check(cudaSetDevice(index), "cudaSetDevice"); !set) return set;
  // A driver that no longer lets it be changed keeps the way it has.
  const unsigned flags = spin ? cudaDeviceScheduleSpin : cudaDeviceScheduleBlockingSync;
  if (cudaSetDeviceFlags(flags) != cudaSuccess) static_cast<void>(cudaGetLastError());
  return {};
}

Result<DeviceFacts> device_facts(int index) {
  cudaDeviceProp properties{};
  if (const auto code = cudaGetDeviceProperties(&properties, index); code != cudaSuccess) {
    return tl::unexpected<Error>(cuda_error(code, "cudaGetDeviceProperties"));
  }
  DeviceFacts facts;
  facts.name = properties.name;
  facts.compute_capability = capability_of(properties);
  facts.memory_bytes = properties.totalGlobalMem;
  facts.l2_bytes = static_cast<std::uint64_t>(properties.l2CacheSize);
  facts.multiprocessors = properties.multiProcessorCount;
  facts.multiprocessor = {
      .warp_size = properties.warpSize,
      .threads = properties.maxThreadsPerMultiProcessor,
      .blocks = properties.maxBlocksPerMultiProcessor,
      .registers = properties.regsPerMultiprocessor,
      .shared_bytes = static_cast<std::int64_t>(properties.sharedMemPerMultiprocessor),
      .reserved_shared_bytes_per_block = static_cast<std::int64_t>(properties.reservedSharedMemPerBlock)};
  std::array<char, 32> bus_id{};
  if (cudaDeviceGetPCIBusId(bus_id.data(), static_cast<int>(bus_id.size()), index) == cudaSuccess) {
    facts.pci_bus_id = bus_id.data();
  }
  int version = 0;
  if (cudaDriverGetVersion(&version) == cudaSuccess) facts.driver_cuda = cuda_version_text(version);
  if (cudaRuntimeGetVersion(&version) == cudaSuccess) facts.runtime_cuda = cuda_version_text(version);
  return facts;
}

std::map<std::string, std::string> device_properties(int index, const DeviceFacts& facts) {
  return {{"device", device_id(index)},
          {"PCI bus id", facts.pci_bus_id},
          {"compute capability", facts.compute_capability},
          {"multiprocessors", std::to_string(facts.multiprocessors)},
          {"device memory", bytes_text(facts.memory_bytes)},
          {"L2 cache", bytes_text(facts.l2_bytes)},
          {"CUDA driver", facts.driver_cuda},
          {"CUDA runtime", facts.runtime_cuda}};
}

}  // namespace trtprof::tensorrt
