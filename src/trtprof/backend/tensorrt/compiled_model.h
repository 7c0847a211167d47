// An engine that is ready to run.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/device.h"
#include "trtprof/backend/tensorrt/inference_stream.h"
#include "trtprof/backend/tensorrt/layer_profiler.h"
#include "trtprof/backend/tensorrt/loaded_engine.h"
#include "trtprof/backend/tensorrt/outside_marks.h"
#include "trtprof/backend/tensorrt/tracer.h"

namespace trtprof::tensorrt {

class TensorrtModel final : public CompiledModel {
 public:
  struct Setup {
    Graph graph;
    CompileOptions options;
    int device = 0;
    DeviceFacts facts;
    std::string engine_version;
    RuntimeKind runtime_kind = RuntimeKind::full;
    std::vector<std::string> notes;
    std::vector<std::string> warnings;
  };

  [[nodiscard]] static Result<std::unique_ptr<CompiledModel>> make(std::unique_ptr<LoadedEngine> engine, Setup setup);
  ~TensorrtModel() override;
  TensorrtModel(const TensorrtModel&) = delete;
  TensorrtModel& operator=(const TensorrtModel&) = delete;

  // Shape tensors are not among them: they keep the values their optimisation profile is tuned for.
  [[nodiscard]] std::vector<TensorDesc> inputs() const override { return describe_bindings(true); }
  [[nodiscard]] std::vector<TensorDesc> outputs() const override { return describe_bindings(false); }
  [[nodiscard]] Status set_input(const std::string& name, const Tensor& tensor) override;
  [[nodiscard]] int requests_in_flight() const override { return static_cast<int>(streams_.size()); }
  [[nodiscard]] Result<RunTimes> run_once() override;
  [[nodiscard]] Result<ProfiledRun> run_once_profiled() override;
  [[nodiscard]] Status can_trace() const override;
  [[nodiscard]] Result<TracedRun> run_once_traced() override;
  [[nodiscard]] TraceFacts trace_facts() const override;
  void samples_begin(std::string_view run) override { marks_.begin(run); }
  void samples_end() override;
  [[nodiscard]] Result<std::vector<Layer>> layers() override;
  [[nodiscard]] std::vector<std::string> not_executed() override { return silent_layers_; }
  [[nodiscard]] std::vector<std::optional<double>> reported_layer_seconds() override { return {}; }
  [[nodiscard]] std::string timing_method() const override;
  [[nodiscard]] std::string layer_timing_method() const override;
  [[nodiscard]] Result<Tensor> output(const std::string& name) override;
  void describe(Environment& environment) const override;
  [[nodiscard]] std::string engine_description() const override;
  [[nodiscard]] std::vector<std::string> notes() const override;
  [[nodiscard]] std::vector<std::string> warnings() const override;

 private:
  struct Ticket {
    std::size_t stream = 0;
    std::size_t slot = 0;
  };

  TensorrtModel(std::unique_ptr<LoadedEngine> engine, Setup setup);
  void start_tracer();
  [[nodiscard]] Status make_streams();
  [[nodiscard]] std::vector<TensorDesc> describe_bindings(bool inputs) const;
  [[nodiscard]] std::optional<std::size_t> find_binding(const std::string& name, bool input) const;
  [[nodiscard]] Status prepare();
  [[nodiscard]] Status fill_pipeline();
  [[nodiscard]] Status drain();

  std::unique_ptr<LoadedEngine> engine_;
  Setup setup_;
  OutsideMarks marks_;
  LayerProfiler profiler_;
  std::unique_ptr<Tracer> tracer_;  // with CompileOptions::tracing, where there can be one
  std::optional<Error> no_tracer_;
  std::optional<TensorrtTrace> trace_;
  std::vector<std::unique_ptr<InferenceStream>> streams_;
  std::deque<Ticket> running_;  // oldest first
  std::optional<Ticket> latest_;
  std::optional<std::chrono::steady_clock::time_point> last_completion_;
  bool prepared_ = false;
  std::optional<std::vector<Layer>> layers_;
  bool learned_ = false;
  std::vector<std::string> silent_layers_;  // the inspector lists them, and the profiler reports no time
};

}  // namespace trtprof::tensorrt
