// Seconds of work on a stream by the device's clock, and the clock at which the multiprocessors run behind it.
#pragma once

#include <functional>

#include "trtprof/backend/tensorrt/cuda.h"

namespace trtprof::tensorrt {

class GpuTimer {
 public:
  using Enqueue = std::function<Status(cudaStream_t)>;

  [[nodiscard]] static Result<GpuTimer> make();
  [[nodiscard]] cudaStream_t stream() const { return stream_.get(); }
  // Waits until it is done.
  [[nodiscard]] Result<double> seconds(const Enqueue& work) const;
  // Hertz of a multiprocessor right behind `work`.
  [[nodiscard]] Result<double> clock_behind(const Enqueue& work) const;
  // How often to do what takes `once` seconds so that it takes about `wanted`.
  [[nodiscard]] static int times_for(double once, double wanted);

 private:
  Stream stream_;
  Event begin_;
  Event end_;
  DeviceMemory counts_;
};

}  // namespace trtprof::tensorrt
