#include "trtprof/model/sparsity.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include <onnx/onnx_pb.h>

#include "trtprof/base/tensor.h"
#include "trtprof/model/tensor_values.h"

namespace trtprof {
namespace {

constexpr std::int64_t kGroup = 4;
constexpr int kMostNonZero = 2;

struct Constants {
  std::unordered_map<std::string, const onnx::TensorProto*> stored;
  std::unordered_map<std::string, const onnx::NodeProto*> producers;
};

const onnx::AttributeProto* attribute_of(const onnx::NodeProto& node, const std::string& name) {
  const auto found = std::find_if(node.attribute().begin(), node.attribute().end(),
                                  [&](const onnx::AttributeProto& a) { return a.name() == name; });
  return found == node.attribute().end() ? nullptr : &*found;
}

Constants constants_of(const onnx::GraphProto& graph) {
  Constants constants;
  for (const auto& tensor : graph.initializer()) constants.stored.emplace(tensor.name(), &tensor);
  for (const auto& node : graph.node()) {
    for (const auto& output : node.output()) constants.producers.emplace(output, &node);
    const onnx::AttributeProto* value = node.op_type() == "Constant" ? attribute_of(node, "value") : nullptr;
    if (value != nullptr && value->has_t() && node.output_size() == 1) {
      constants.stored.emplace(node.output(0), &value->t());
    }
  }
  return constants;
}

// The stored tensor that `value` is, its zeros where they are stored.
const onnx::TensorProto* stored_weight(const Constants& constants, std::string value) {
  while (true) {
    if (const auto found = constants.stored.find(value); found != constants.stored.end()) return found->second;
    const auto producer = constants.producers.find(value);
    if (producer == constants.producers.end()) return nullptr;
    const onnx::NodeProto& node = *producer->second;
    const bool passes = node.op_type() == "Cast" || node.op_type() == "Identity" ||
                        (node.op_type() == "DequantizeLinear" && (node.input_size() < 3 || node.input(2).empty()));
    if (!passes || node.input_size() == 0) return nullptr;
    value = node.input(0);
  }
}

// A weight as [outer][reduction][inner].
struct Reduction {
  std::int64_t outer = 1;
  std::int64_t length = 0;
  std::int64_t inner = 1;
};

Reduction along(const std::vector<std::int64_t>& shape, std::size_t axis) {
  Reduction result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    (i < axis ? result.outer : i == axis ? result.length : result.inner) *= i == axis ? 1 : shape[i];
  }
  result.length = shape[axis];
  return result;
}

bool transposes_b(const onnx::NodeProto& node) {
  const onnx::AttributeProto* attribute = attribute_of(node, "transB");
  return attribute != nullptr && attribute->i() != 0;
}

std::optional<std::size_t> reduction_axis(const onnx::NodeProto& node, std::size_t rank) {
  if (node.op_type() == "Conv") return rank >= 3 ? std::optional<std::size_t>(1) : std::nullopt;
  if (node.op_type() == "Gemm")
    return rank == 2 ? std::optional<std::size_t>(transposes_b(node) ? 1 : 0) : std::nullopt;
  if (node.op_type() == "MatMul") return rank >= 2 ? std::optional<std::size_t>(rank - 2) : std::nullopt;
  return std::nullopt;
}

class Zeros {
 public:
  explicit Zeros(const Tensor& tensor)
      : data_(tensor.data), bytes_(bits_of(tensor.type) / 8), has_sign_(is_floating_point(tensor.type)) {}

  [[nodiscard]] bool at(std::size_t index) const {
    const std::size_t begin = index * bytes_;
    for (std::size_t i = 0; i + 1 < bytes_; ++i) {
      if (data_[begin + i] != std::byte{0}) return false;
    }
    const std::byte mask{static_cast<unsigned char>(has_sign_ ? 0x7f : 0xff)};  // little-endian; -0 is zero
    return (data_[begin + bytes_ - 1] & mask) == std::byte{0};
  }

 private:
  [[nodiscard]] static bool is_floating_point(ElementType type) {
    return type == ElementType::f64 || type == ElementType::f32 || type == ElementType::f16 ||
           type == ElementType::bf16;
  }
  const std::vector<std::byte>& data_;
  std::size_t bytes_;
  bool has_sign_;
};

bool is_structured(const Tensor& tensor, const Reduction& weight) {
  const Zeros zeros(tensor);
  for (std::int64_t outer = 0; outer < weight.outer; ++outer) {
    for (std::int64_t inner = 0; inner < weight.inner; ++inner) {
      for (std::int64_t group = 0; group < weight.length; group += kGroup) {
        int non_zero = 0;
        for (std::int64_t i = group; i < std::min(group + kGroup, weight.length); ++i) {
          const std::int64_t index = (outer * weight.length + i) * weight.inner + inner;
          non_zero += zeros.at(static_cast<std::size_t>(index)) ? 0 : 1;
        }
        if (non_zero > kMostNonZero) return false;
      }
    }
  }
  return true;
}

}  // namespace

Result<std::vector<WeightSparsity>> find_structured_sparsity(const OnnxModel& model) {
  const onnx::GraphProto& graph = model.proto().graph();
  const Constants constants = constants_of(graph);
  std::vector<WeightSparsity> result;
  for (const auto& node : graph.node()) {
    const bool is_candidate = node.op_type() == "Conv" || node.op_type() == "Gemm" || node.op_type() == "MatMul";
    if (!is_candidate || !node.domain().empty() || node.input_size() < 2) continue;
    const onnx::TensorProto* stored = stored_weight(constants, node.input(1));
    if (stored == nullptr) continue;
    const std::vector<std::int64_t> shape(stored->dims().begin(), stored->dims().end());
    const auto axis = reduction_axis(node, shape.size());
    if (!axis || shape[*axis] < kGroup) continue;
    const auto tensor = read_tensor(*stored, model.path());
    if (!tensor) return forward_error(tensor);
    if (bits_of(tensor->type) % 8 != 0) continue;  // two to a byte: no engine has sparse kernels for them
    result.push_back({node.name().empty() ? node.output(0) : node.name(), stored->name(),
                      is_structured(*tensor, along(shape, *axis))});
  }
  return result;
}

std::size_t count_structured(const std::vector<WeightSparsity>& weights) {
  return static_cast<std::size_t>(
      std::count_if(weights.begin(), weights.end(), [](const WeightSparsity& w) { return w.structured; }));
}

}  // namespace trtprof
