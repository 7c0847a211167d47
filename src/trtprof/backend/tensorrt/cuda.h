// CUDA's objects as owners, and its errors as Results. Everything is made on the current device of the thread.
#pragma once

#include <cstddef>
#include <cuda_runtime_api.h>
#include <memory>
#include <string>
#include <string_view>

#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

// The error of a call that did not return cudaSuccess: "cudaMalloc failed on cuda:0: out of memory". `doing` is what
// the call was for and may be empty. ErrorCode::unavailable where there is no device or driver.
[[nodiscard]] Error cuda_error(cudaError_t code, std::string_view call, std::string_view doing = {});

// Turns "call" into a Status.
[[nodiscard]] inline Status cuda_check(cudaError_t code, std::string_view call, std::string_view doing = {}) {
  if (code == cudaSuccess) return {};
  return tl::unexpected<Error>(cuda_error(code, call, doing));
}

struct DestroyStream {
  void operator()(cudaStream_t stream) const { static_cast<void>(cudaStreamDestroy(stream)); }
};
struct DestroyEvent {
  void operator()(cudaEvent_t event) const { static_cast<void>(cudaEventDestroy(event)); }
};
struct DestroyGraph {
  void operator()(cudaGraph_t graph) const { static_cast<void>(cudaGraphDestroy(graph)); }
};
struct DestroyGraphExec {
  void operator()(cudaGraphExec_t graph) const { static_cast<void>(cudaGraphExecDestroy(graph)); }
};

using Stream = std::unique_ptr<CUstream_st, DestroyStream>;
using Event = std::unique_ptr<CUevent_st, DestroyEvent>;
using CudaGraph = std::unique_ptr<CUgraph_st, DestroyGraph>;
using CudaGraphExec = std::unique_ptr<CUgraphExec_st, DestroyGraphExec>;

[[nodiscard]] Result<Stream> make_stream();
// `spin`: a wait for the event spins; else the waiting thread sleeps.
[[nodiscard]] Result<Event> make_event(bool spin);
// Seconds of the device's clock between two events that are both past.
[[nodiscard]] Result<double> seconds_between(cudaEvent_t begin, cudaEvent_t end);

// Memory of the device, of the size asked for and at least one byte.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  // The error says how much was asked for and how much is free.
  [[nodiscard]] static Result<DeviceMemory> allocate(std::size_t bytes, std::string_view what);
  [[nodiscard]] void* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(void* data) const { static_cast<void>(cudaFree(data)); }
  };
  std::unique_ptr<void, Free> data_;
  std::size_t size_ = 0;
};

struct FreeHost {
  bool pageable = false;
  void operator()(void* data) const;
};

// Memory of the host, page-locked unless `pageable`.
class HostMemory {
 public:
  HostMemory() = default;
  [[nodiscard]] static Result<HostMemory> allocate(std::size_t bytes, bool pageable, std::string_view what);
  [[nodiscard]] void* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::unique_ptr<void, FreeHost> data_;
  std::size_t size_ = 0;
};

// "1.50 GiB"
[[nodiscard]] std::string bytes_text(std::size_t bytes);

}  // namespace trtprof::tensorrt
