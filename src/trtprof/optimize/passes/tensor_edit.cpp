#include "trtprof/optimize/passes/tensor_edit.h"

#include <cmath>
#include <cstring>

#include <onnx/onnx_pb.h>

#include "trtprof/base/half.h"
#include "trtprof/model/element_types.h"

namespace trtprof::passes {
namespace {

template <class Value, class Convert>
std::vector<double> converted(const Tensor& tensor, const Convert& convert) {
  std::vector<double> values(tensor.data.size() / sizeof(Value));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Value value{};
    std::memcpy(&value, tensor.data.data() + i * sizeof(Value), sizeof(Value));
    values[i] = static_cast<double>(convert(value));
  }
  return values;
}

template <class Value>
std::vector<double> converted(const Tensor& tensor) {
  return converted<Value>(tensor, [](Value value) { return value; });
}

template <class Value>
std::optional<Tensor> rounded(ElementType type, std::vector<std::int64_t> shape, const std::vector<double>& values) {
  Tensor tensor{type, std::move(shape), std::vector<std::byte>(values.size() * sizeof(Value))};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<Value>(values[i]);
    if (!std::isfinite(value)) return std::nullopt;
    std::memcpy(tensor.data.data() + i * sizeof(Value), &value, sizeof(Value));
  }
  return tensor;
}

}  // namespace

std::optional<std::vector<double>> numbers_in(const Tensor& tensor) {
  switch (tensor.type) {
    case ElementType::f32:
      return converted<float>(tensor);
    case ElementType::f64:
      return converted<double>(tensor);
    case ElementType::f16:
      return converted<std::uint16_t>(tensor, f16_to_float);
    case ElementType::bf16:
      return converted<std::uint16_t>(tensor, bf16_to_float);
    case ElementType::i8:
      return converted<std::int8_t>(tensor);
    case ElementType::u8:
    case ElementType::boolean:
      return converted<std::uint8_t>(tensor);
    case ElementType::i16:
      return converted<std::int16_t>(tensor);
    case ElementType::u16:
      return converted<std::uint16_t>(tensor);
    case ElementType::i32:
      return converted<std::int32_t>(tensor);
    case ElementType::u32:
      return converted<std::uint32_t>(tensor);
    case ElementType::i64:
      return converted<std::int64_t>(tensor);
    case ElementType::u64:
      return converted<std::uint64_t>(tensor);
    default:
      return std::nullopt;
  }
}

std::optional<std::vector<std::int64_t>> integers_in(const Tensor& tensor) {
  if (tensor.type != ElementType::i32 && tensor.type != ElementType::i64) return std::nullopt;
  const std::size_t size = tensor.type == ElementType::i32 ? 4 : 8;
  std::vector<std::int64_t> values(tensor.data.size() / size);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (size == 8) {
      std::memcpy(&values[i], tensor.data.data() + i * 8, 8);
    } else {
      std::int32_t value = 0;
      std::memcpy(&value, tensor.data.data() + i * 4, 4);
      values[i] = value;
    }
  }
  return values;
}

std::optional<Tensor> tensor_of_numbers(ElementType type, std::vector<std::int64_t> shape,
                                        const std::vector<double>& values) {
  if (type == ElementType::f32) return rounded<float>(type, std::move(shape), values);
  if (type == ElementType::f64) return rounded<double>(type, std::move(shape), values);
  return std::nullopt;
}

Tensor tensor_of_integers(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values) {
  Tensor tensor{ElementType::i64, std::move(shape), std::vector<std::byte>(values.size() * 8)};
  if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

std::optional<Tensor> transposed(const Tensor& tensor, const std::vector<std::int64_t>& order) {
  const std::size_t size = bits_of(tensor.type) / 8;
  if (size == 0 || order.size() != tensor.shape.size()) return std::nullopt;
  std::vector<std::size_t> strides(order.size(), size);  // in bytes, of the tensor
  for (std::size_t i = order.size(); i-- > 1;) strides[i - 1] = strides[i] * static_cast<std::size_t>(tensor.shape[i]);
  Tensor result{tensor.type, {}, std::vector<std::byte>(tensor.data.size())};
  for (const std::int64_t from : order) result.shape.push_back(tensor.shape[static_cast<std::size_t>(from)]);
  std::vector<std::int64_t> index(order.size());
  for (std::size_t to = 0; to + size <= result.data.size(); to += size) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      from += static_cast<std::size_t>(index[i]) * strides[static_cast<std::size_t>(order[i])];
    }
    std::memcpy(result.data.data() + to, tensor.data.data() + from, size);
    for (std::size_t i = order.size(); i-- > 0 && ++index[i] == result.shape[i];) index[i] = 0;
  }
  return result;
}

onnx::TensorProto to_proto(const Tensor& tensor, const std::string& name) {
  onnx::TensorProto proto;
  proto.set_name(name);
  proto.set_data_type(onnx_element_type(tensor.type).value_or(onnx::TensorProto::UNDEFINED));
  for (const std::int64_t dim : tensor.shape) proto.add_dims(dim);
  proto.set_raw_data(tensor.data.data(), tensor.data.size());
  return proto;
}

std::optional<Numbers> constant_numbers(const GraphView& graph, const std::string& value) {
  if (!graph.is_constant(value)) return std::nullopt;
  auto tensor = graph.constant(value);
  if (!tensor) return std::nullopt;
  auto values = numbers_in(*tensor);
  if (!values) return std::nullopt;
  return Numbers{tensor->type, std::move(tensor->shape), *std::move(values)};
}

std::optional<std::vector<std::int64_t>> constant_integers(const GraphView& graph, const std::string& value) {
  if (!graph.is_constant(value)) return std::nullopt;
  const auto tensor = graph.constant(value);
  return tensor ? integers_in(*tensor) : std::nullopt;
}

std::optional<double> constant_scalar(const GraphView& graph, const std::string& value) {
  const auto numbers = constant_numbers(graph, value);
  return numbers && numbers->values.size() == 1 ? std::optional(numbers->values[0]) : std::nullopt;
}

}  // namespace trtprof::passes
