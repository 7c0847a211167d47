// A record with every field set, and a backend that "builds" scripted plans.
#pragma once

#include <functional>
#include <utility>

#include "support/plans.h"
#include "trtprof/backend/backend.h"
#include "trtprof/backend/engine_record.h"

namespace trtprof::test {

[[nodiscard]] inline EngineRecord full_engine_record() {
  EngineRecord record;
  record.engine = {"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 4096};
  record.model = {"/models/m \"1\".onnx", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1234};
  record.builder = {"tensorrt", "TensorRT", "10.6.0.26", "NVIDIA H200",
                    "9.0",      12.5,       {"odd"},     {"timing cache: 3 of 4 entries used"}};
  BuildOptions& options = record.options;
  options.device = "cuda:1";
  options.profiles = {{{"x", {{1, 3}, {4, 3}, {8, 3}}}, {"尺寸", {{1}, {2}, {3}}}, {"sizes", {{2}, {4}, {8}, true}}},
                      {}};
  options.weak = {true, true, {WeakCalibrationMethod::min_max, {"a.npz", "b.npz"}, "scales.cache"}};
  options.tf32 = false;
  options.optimization_level = 5;
  options.workspace_bytes = std::uint64_t{1} << 40U;
  options.timing_cache = "t.cache";
  options.hardware_compatibility = HardwareCompatibility::ampere_plus;
  options.version_compatible = true;
  options.exclude_lean_runtime = true;
  options.sparse_weights = true;
  options.strip_weights = true;
  options.refit = true;
  options.profiling_verbosity = ProfilingVerbosity::names;
  options.plugins = {"libp.so"};
  options.compute_capabilities = {"8.9", "12.0"};
  options.seed = 18446744073709551615ULL;
  record.tool = {"0.1.0", "0123456789ab", {"tensorrt_profiling", "build", "m.onnx"}, "2026-01-31T23:59:59Z"};
  return record;
}

// `on_build` runs in build(), before it returns `built`.
class ScriptedBuilder final : public Backend {
 public:
  BuiltEngine built;
  std::function<Status()> on_build = [] { return Status{}; };
  int builds = 0;

  [[nodiscard]] std::string name() const override { return "tensorrt"; }
  [[nodiscard]] Result<ProbeResult> probe() override { return ProbeResult{"TensorRT", "10.6.0.26", {}}; }
  [[nodiscard]] Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& /*source*/,
                                                               const CompileOptions& /*options*/) override {
    return fail("only builds");
  }
  [[nodiscard]] bool builds_engines() const override { return true; }
  [[nodiscard]] Result<BuiltEngine> build(const ModelSource& /*source*/, const BuildOptions& /*options*/,
                                          Progress& /*progress*/, const StopFlag& /*stop*/) override {
    ++builds;
    if (const Status status = on_build(); !status) return forward_error(status);
    return built;
  }
};

[[nodiscard]] inline BuiltEngine scripted_engine() {
  return {plan_bytes("ftrt", {10, 6, 0, 26}, 500), 2.5, "TensorRT", "10.6.0.26", "NVIDIA H200", "9.0", {"w"}, {"n"}};
}

}  // namespace trtprof::test
