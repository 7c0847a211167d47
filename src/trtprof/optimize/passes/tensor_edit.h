// Constants as numbers to compute with, and back. Private to the passes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"
#include "trtprof/model/graph_view.h"

namespace onnx {
class TensorProto;
}

namespace trtprof::passes {

// Of every float and integer type up to 64 bits, and bool; nullopt for others. Integers beyond 2^53 are rounded.
[[nodiscard]] std::optional<std::vector<double>> numbers_in(const Tensor& tensor);
// Of i32 and i64.
[[nodiscard]] std::optional<std::vector<std::int64_t>> integers_in(const Tensor& tensor);

// f32 and f64 alone, rounded to nearest. nullopt where a value is not finite in that type.
[[nodiscard]] std::optional<Tensor> tensor_of_numbers(ElementType type, std::vector<std::int64_t> shape,
                                                      const std::vector<double>& values);
[[nodiscard]] Tensor tensor_of_integers(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values);

// As Transpose: dimension i of the result is dimension order[i] of the tensor. nullopt for types under 8 bits.
[[nodiscard]] std::optional<Tensor> transposed(const Tensor& tensor, const std::vector<std::int64_t>& order);

[[nodiscard]] onnx::TensorProto to_proto(const Tensor& tensor, const std::string& name);

// The value of a constant: numbers and their shape. nullopt: not a constant, or one that cannot be read as numbers.
struct Numbers {
  ElementType type = ElementType::unknown;
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};
[[nodiscard]] std::optional<Numbers> constant_numbers(const GraphView& graph, const std::string& value);
[[nodiscard]] std::optional<std::vector<std::int64_t>> constant_integers(const GraphView& graph,
                                                                         const std::string& value);
// Of one value, whatever its rank.
[[nodiscard]] std::optional<double> constant_scalar(const GraphView& graph, const std::string& value);

}  // namespace trtprof::passes
