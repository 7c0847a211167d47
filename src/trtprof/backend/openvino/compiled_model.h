#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openvino/runtime/compiled_model.hpp>

#include "trtprof/backend/backend.h"
#include "trtprof/backend/openvino/layer_table.h"
#include "trtprof/backend/openvino/request_pool.h"

namespace trtprof::openvino {

class OpenVinoModel final : public CompiledModel {
 public:
  // What compile() knows beside the compiled model.
  struct Setup {
    Graph graph;
    CompileOptions options;
    std::string device_name;     // "Intel(R) Xeon(R) Platinum 8480+"
    std::string engine_version;  // "2026.4.1-22982-..."
    std::string engine;          // "OpenVINO 2026.4.1", for sentences
    std::vector<std::string> notes;
    std::vector<std::string> warnings;
  };

  // Throws what OpenVINO throws.
  OpenVinoModel(ov::CompiledModel model, Setup setup);

  [[nodiscard]] std::vector<TensorDesc> inputs() const override { return inputs_; }
  [[nodiscard]] std::vector<TensorDesc> outputs() const override { return outputs_; }
  [[nodiscard]] Status set_input(const std::string& name, const Tensor& tensor) override;
  [[nodiscard]] int requests_in_flight() const override { return static_cast<int>(pool_.size()); }
  [[nodiscard]] Result<RunTimes> run_once() override;
  [[nodiscard]] Result<ProfiledRun> run_once_profiled() override;
  [[nodiscard]] Status can_trace() const override;
  [[nodiscard]] Result<TracedRun> run_once_traced() override;
  [[nodiscard]] TraceFacts trace_facts() const override;
  [[nodiscard]] Result<std::vector<Layer>> layers() override;
  [[nodiscard]] std::vector<std::string> not_executed() override;
  [[nodiscard]] std::vector<std::optional<double>> reported_layer_seconds() override;
  [[nodiscard]] std::string timing_method() const override;
  [[nodiscard]] std::string layer_timing_method() const override;
  [[nodiscard]] Result<Tensor> output(const std::string& name) override;
  void describe(Environment& environment) const override;
  [[nodiscard]] std::vector<std::string> notes() const override { return setup_.notes; }
  [[nodiscard]] std::vector<std::string> warnings() const override { return setup_.warnings; }

 private:
  struct RecordedRun {
    RunTimes times;
    std::vector<LayerSpan> trace;
    std::int64_t begin_ns = 0;  // of the inference, on the clock of the trace
    std::int64_t end_ns = 0;
    std::size_t lost = 0;
  };
  [[nodiscard]] RecordedRun run_recorded();
  void learn_layers(const std::vector<LayerSpan>& trace);
  [[nodiscard]] Error error_of(const char* what, const char* doing) const;

  ov::CompiledModel model_;
  Setup setup_;
  RequestPool pool_;
  std::vector<TensorDesc> inputs_;
  std::vector<TensorDesc> outputs_;
  std::optional<LayerTable> table_;
  bool table_is_final_ = false;
  bool traced_ = false;  // the trace sees the layers
  std::int64_t lost_ = 0;
  std::size_t trace_capacity_ = 0;
};

}  // namespace trtprof::openvino
