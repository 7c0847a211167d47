// TensorRT and TensorRT-RTX. One module for each kind of header.
#pragma once

#include <memory>
#include <string>

#include "trtprof/backend/backend.h"

namespace trtprof::tensorrt {

class TensorrtBackend final : public Backend {
 public:
  [[nodiscard]] std::string name() const override;
  // Needs the libraries and a GPU; building for another machine needs the libraries alone (TensorRT-RTX).
  [[nodiscard]] Result<ProbeResult> probe() override;
  [[nodiscard]] Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& source,
                                                               const CompileOptions& options) override;
  [[nodiscard]] bool builds_engines() const override { return true; }
  [[nodiscard]] Result<BuiltEngine> build(const ModelSource& source, const BuildOptions& options, Progress& progress,
                                          const StopFlag& stop) override;
  [[nodiscard]] Result<Environment> describe_device(const std::string& device) override;
  // Takes CUDA and a GPU, and cuBLASLt for the matrix units.
  [[nodiscard]] Result<MeasuredCeilings> measure_ceilings(const CeilingsRequest& request, Progress& progress,
                                                          const StopFlag& stop) override;
};

}  // namespace trtprof::tensorrt
