// A model whose outputs on a sequence of inputs are kept from its first time through, so that many others are compared
// with it at the price of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/backend/backend.h"

namespace trtprof {

// Runs are numbered from the last rewind(): whoever rewinds feeds the same inputs in the same order again. Runs whose
// outputs had no place any more run again each time.
class ReplayedModel final : public CompiledModel {
 public:
  // `kept_bytes`: of outputs.
  ReplayedModel(std::unique_ptr<CompiledModel> model, std::uint64_t kept_bytes)
      : model_(std::move(model)), left_(kept_bytes) {}

  void rewind() { next_ = 0; }

  [[nodiscard]] std::vector<TensorDesc> inputs() const override { return model_->inputs(); }
  [[nodiscard]] std::vector<TensorDesc> outputs() const override { return model_->outputs(); }
  [[nodiscard]] Status set_input(const std::string& name, const Tensor& tensor) override {
    return next_ < kept_.size() ? Status{} : model_->set_input(name, tensor);
  }
  // Of a run that is replayed the times are not known: all are zero.
  [[nodiscard]] Result<RunTimes> run_once() override;
  [[nodiscard]] Result<Tensor> output(const std::string& name) override;

  [[nodiscard]] Result<ProfiledRun> run_once_profiled() override { return model_->run_once_profiled(); }
  [[nodiscard]] Result<std::vector<Layer>> layers() override { return model_->layers(); }
  [[nodiscard]] std::vector<std::string> not_executed() override { return model_->not_executed(); }
  [[nodiscard]] std::vector<std::optional<double>> reported_layer_seconds() override {
    return model_->reported_layer_seconds();
  }
  [[nodiscard]] std::string timing_method() const override { return model_->timing_method(); }
  [[nodiscard]] std::string layer_timing_method() const override { return model_->layer_timing_method(); }
  void describe(Environment& environment) const override { model_->describe(environment); }
  [[nodiscard]] std::vector<std::string> notes() const override { return model_->notes(); }
  [[nodiscard]] std::vector<std::string> warnings() const override { return model_->warnings(); }

 private:
  [[nodiscard]] Status keep();

  std::unique_ptr<CompiledModel> model_;
  std::uint64_t left_;
  bool full_ = false;
  std::size_t next_ = 0;
  std::vector<std::map<std::string, Tensor>> kept_;  // by run
};

}  // namespace trtprof
