// TensorRT's progress as ours, and our stop request as TensorRT's.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"

namespace trtprof::tensorrt {

class BuildMonitor final : public nvinfer1::IProgressMonitor {
 public:
  BuildMonitor(Progress& progress, const StopFlag& stop) : progress_(progress), stop_(stop) {}

  // TensorRT calls these from threads of its own.
  void phaseStart(const char* name, const char* parent, std::int32_t steps) noexcept override;
  [[nodiscard]] bool stepComplete(const char* name, std::int32_t step) noexcept override;
  void phaseFinish(const char* name) noexcept override;

 private:
  struct Phase {
    std::string name;
    std::int32_t steps = 0;
    std::int32_t done = 0;
  };

  void show();

  Progress& progress_;
  const StopFlag& stop_;
  std::mutex mutex_;
  std::vector<Phase> phases_;  // outermost first
};

}  // namespace trtprof::tensorrt
