// A compiled model that is a function of its inputs.
#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/backend/backend.h"

namespace trtprof::test {

inline Tensor f32(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  Tensor tensor{ElementType::f32, std::move(shape), std::vector<std::byte>(values.size() * sizeof(float))};
  if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

inline std::vector<float> f32_values(const Tensor& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

using Tensors = std::map<std::string, Tensor>;

class FunctionModel final : public CompiledModel {
 public:
  FunctionModel(std::vector<TensorDesc> inputs, std::vector<TensorDesc> outputs,
                std::function<Tensors(const Tensors& inputs)> function)
      : inputs_(std::move(inputs)), outputs_(std::move(outputs)), function_(std::move(function)) {}

  [[nodiscard]] std::vector<TensorDesc> inputs() const override { return inputs_; }
  [[nodiscard]] std::vector<TensorDesc> outputs() const override { return outputs_; }
  [[nodiscard]] Status set_input(const std::string& name, const Tensor& tensor) override {
    given_[name] = tensor;
    return {};
  }
  [[nodiscard]] Result<RunTimes> run_once() override {
    made_ = function_(given_);
    ++runs;
    return RunTimes{};
  }
  [[nodiscard]] Result<ProfiledRun> run_once_profiled() override { return fail("not here"); }
  [[nodiscard]] Result<std::vector<Layer>> layers() override { return fail("not here"); }
  [[nodiscard]] std::vector<std::string> not_executed() override { return {}; }
  [[nodiscard]] std::vector<std::optional<double>> reported_layer_seconds() override { return {}; }
  [[nodiscard]] std::string timing_method() const override { return ""; }
  [[nodiscard]] std::string layer_timing_method() const override { return ""; }
  [[nodiscard]] Result<Tensor> output(const std::string& name) override { return made_.at(name); }
  void describe(Environment&) const override {}
  [[nodiscard]] std::vector<std::string> notes() const override { return {}; }
  [[nodiscard]] std::vector<std::string> warnings() const override { return {}; }

  int runs = 0;

 private:
  std::vector<TensorDesc> inputs_;
  std::vector<TensorDesc> outputs_;
  std::function<Tensors(const Tensors&)> function_;
  Tensors given_;
  Tensors made_;
};

}  // namespace trtprof::test
