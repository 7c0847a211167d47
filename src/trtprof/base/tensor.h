// A dense tensor in host memory, C order, and the element types of ONNX.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trtprof {

enum class ElementType {
  f32,
  f64,
  f16,
  bf16,
  i8,
  u8,
  i16,
  u16,
  i32,
  u32,
  i64,
  u64,
  boolean,
  i4,
  u4,
  f8e4m3,
  f8e5m2,
  string,
  unknown
};

[[nodiscard]] std::string_view to_string(ElementType type);  // "f32", "bool", ...
[[nodiscard]] std::optional<ElementType> element_type_from_string(std::string_view name);
// From the names of ONNX's TensorProto.DataType ("FLOAT", "INT64") and of ov::element::Type ("f32", "boolean");
// nullopt for types that ElementType does not have.
[[nodiscard]] std::optional<ElementType> element_type_from_onnx_name(std::string_view name);
[[nodiscard]] std::optional<ElementType> element_type_from_openvino_name(std::string_view name);
// Bits of one element: 32 for f32, 4 for i4; 0 for string and unknown.
[[nodiscard]] std::size_t bits_of(ElementType type);

// Product of the dimensions; nullopt on overflow or a negative dimension. 1 for a scalar.
[[nodiscard]] std::optional<std::uint64_t> element_count(const std::vector<std::int64_t>& shape);
// "1x3x224x224"; "scalar" for rank 0; "?" stands for a negative (not known) dimension.
[[nodiscard]] std::string shape_to_string(const std::vector<std::int64_t>& shape);

struct Tensor {
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> data;  // element_count(shape) * bits / 8, rounded up
};

}  // namespace trtprof
