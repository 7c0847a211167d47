// Records of what the GPU and the host did, by CUPTI. One at a time in a process.
#pragma once

#include <memory>
#include <string>

#include "trtprof/backend/occupancy.h"
#include "trtprof/backend/tensorrt_trace.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

class Tracer {
 public:
  // Starts recording: every kernel, copy, fill, wait and call of the CUDA runtime and driver until it is destroyed, and
  // the NVTX ranges of libraries that used NVTX for the first time after NvtxRanges::listen().
  [[nodiscard]] static Result<std::unique_ptr<Tracer>> start(const MultiprocessorLimits& limits);

  virtual ~Tracer() = default;
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // What was recorded since the last take(); the device must be idle. Times are steady_clock's seconds.
  [[nodiscard]] virtual Result<TraceRecords> take() = 0;
  [[nodiscard]] virtual std::string source() const = 0;

 protected:
  Tracer() = default;
};

}  // namespace trtprof::tensorrt
