// The CPU backend on OpenVINO. Exceptions of OpenVINO end here.
#pragma once

#include <memory>
#include <string>

#include <openvino/runtime/core.hpp>

#include "trtprof/backend/backend.h"

namespace trtprof::openvino {

class OpenVinoBackend final : public Backend {
 public:
  [[nodiscard]] std::string name() const override { return "openvino"; }
  [[nodiscard]] Result<ProbeResult> probe() override;
  [[nodiscard]] Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& source,
                                                               const CompileOptions& options) override;
  [[nodiscard]] Result<Environment> describe_device(const std::string& device) override;
  [[nodiscard]] Result<MeasuredCeilings> measure_ceilings(const CeilingsRequest& request, Progress& progress,
                                                          const StopFlag& stop) override;

 private:
  // Made at the first use: the engine's plugins are loaded then, and the trace must be offered before.
  [[nodiscard]] ov::Core& core();

  std::unique_ptr<ov::Core> core_;
};

}  // namespace trtprof::openvino
