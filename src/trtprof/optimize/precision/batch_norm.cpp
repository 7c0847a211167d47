#include "trtprof/optimize/precision/batch_norm.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "trtprof/model/tensor_values.h"
#include "trtprof/optimize/precision/stored_constant.h"

namespace trtprof::precision {
namespace {

constexpr float kDefaultEpsilon = 1e-5F;  // ONNX

std::vector<float> floats_of(const Tensor& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(float));
  return values;
}

onnx::TensorProto tensor_of(const std::vector<float>& values) {
  onnx::TensorProto tensor;
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  return tensor;
}

}  // namespace

bool has_constant_statistics(const TypedGraph& graph, const TypedNode& node) {
  constexpr std::size_t inputs = 5;
  if (!node.is("BatchNormalization") || node.inputs.size() != inputs || node.outputs.size() != 1) return false;
  for (const auto& attribute : node.node->attribute()) {
    if (attribute.name() == "training_mode" && attribute.i() != 0) return false;
    if (attribute.name() == "spatial" && attribute.i() == 0) return false;
  }
  for (std::size_t i = 1; i < inputs; ++i) {
    const int value = node.inputs[i];
    if (value == kNone || !graph.value(value).is_float() || !graph.is_constant(value)) return false;
  }
  return true;
}

std::optional<std::array<onnx::TensorProto, 4>> unit_statistics(const TypedGraph& graph, const TypedNode& node,
                                                                const std::filesystem::path& model_path) {
  if (!has_constant_statistics(graph, node)) return std::nullopt;
  std::array<std::vector<float>, 4> weights;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto tensor = read_tensor(stored_constant(graph, graph.value(node.inputs[i + 1])), model_path);
    if (!tensor || tensor->shape.size() != 1) return std::nullopt;
    weights[i] = floats_of(*tensor);
    if (weights[i].size() != weights.front().size()) return std::nullopt;
  }
  double epsilon = double{kDefaultEpsilon};
  for (const auto& attribute : node.node->attribute()) {
    if (attribute.name() == "epsilon") epsilon = double{attribute.f()};
  }
  auto& [scale, bias, mean, variance] = weights;
  for (std::size_t i = 0; i < scale.size(); ++i) {
    const double factor = double{scale[i]} / std::sqrt(double{variance[i]} + epsilon);
    if (!std::isfinite(factor)) return std::nullopt;
    bias[i] = static_cast<float>(double{bias[i]} - double{mean[i]} * factor);
    scale[i] = static_cast<float>(factor * std::sqrt(1.0 + epsilon));
    mean[i] = 0.0F;
    variance[i] = 1.0F;
  }
  return std::array{tensor_of(scale), tensor_of(bias), tensor_of(mean), tensor_of(variance)};
}

}  // namespace trtprof::precision
