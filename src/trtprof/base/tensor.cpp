#include "trtprof/base/tensor.h"

#include <algorithm>
#include <array>

namespace trtprof {

namespace {

struct TypeRow {
  ElementType type;
  std::string_view name;
  std::string_view onnx_name;  // of TensorProto.DataType in onnx-ml.proto; f8e4m3 is the variant without infinities
  std::string_view openvino_name;
  std::size_t bits;
};

// In the order of the enumeration, so that a type is its own index.
constexpr std::array<TypeRow, 19> kTypes{{
    {ElementType::f32, "f32", "FLOAT", "f32", 32},
    {ElementType::f64, "f64", "DOUBLE", "f64", 64},
    {ElementType::f16, "f16", "FLOAT16", "f16", 16},
    {ElementType::bf16, "bf16", "BFLOAT16", "bf16", 16},
    {ElementType::i8, "i8", "INT8", "i8", 8},
    {ElementType::u8, "u8", "UINT8", "u8", 8},
    {ElementType::i16, "i16", "INT16", "i16", 16},
    {ElementType::u16, "u16", "UINT16", "u16", 16},
    {ElementType::i32, "i32", "INT32", "i32", 32},
    {ElementType::u32, "u32", "UINT32", "u32", 32},
    {ElementType::i64, "i64", "INT64", "i64", 64},
    {ElementType::u64, "u64", "UINT64", "u64", 64},
    {ElementType::boolean, "bool", "BOOL", "boolean", 8},
    {ElementType::i4, "i4", "INT4", "i4", 4},
    {ElementType::u4, "u4", "UINT4", "u4", 4},
    {ElementType::f8e4m3, "f8e4m3", "FLOAT8E4M3FN", "f8e4m3", 8},
    {ElementType::f8e5m2, "f8e5m2", "FLOAT8E5M2", "f8e5m2", 8},
    {ElementType::string, "string", "STRING", "string", 0},
    {ElementType::unknown, "unknown", "UNDEFINED", "dynamic", 0},
}};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (static_cast<std::size_t>(kTypes[i].type) != i) {
      return false;
    }
  }
  return true;
}
static_assert(rows_are_in_order());

const TypeRow& row_of(ElementType type) {
  const auto index = static_cast<std::size_t>(type);
  return index < kTypes.size() ? kTypes[index] : kTypes.back();
}

std::optional<ElementType> find_type(std::string_view TypeRow::* column, std::string_view name) {
  const auto row = std::ranges::find_if(kTypes, [&](const TypeRow& r) { return r.*column == name; });
  return row == kTypes.end() ? std::nullopt : std::optional(row->type);
}

}  // namespace

std::string_view to_string(ElementType type) {
  return row_of(type).name;
}

std::optional<ElementType> element_type_from_string(std::string_view name) {
  return find_type(&TypeRow::name, name);
}

std::optional<ElementType> element_type_from_onnx_name(std::string_view name) {
  return find_type(&TypeRow::onnx_name, name);
}

std::optional<ElementType> element_type_from_openvino_name(std::string_view name) {
  return find_type(&TypeRow::openvino_name, name);
}

std::size_t bits_of(ElementType type) {
  return row_of(type).bits;
}

std::optional<std::uint64_t> element_count(const std::vector<std::int64_t>& shape) {
  if (std::ranges::any_of(shape, [](std::int64_t dimension) { return dimension < 0; })) {
    return std::nullopt;
  }
  if (std::ranges::find(shape, 0) != shape.end()) {
    return 0;  // whatever the others are, so that their order does not matter
  }
  std::uint64_t count = 1;
  for (const std::int64_t dimension : shape) {
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(dimension), &count)) {
      return std::nullopt;
    }
  }
  return count;
}

std::string shape_to_string(const std::vector<std::int64_t>& shape) {
  if (shape.empty()) {
    return "scalar";
  }
  std::string text;
  for (const std::int64_t dimension : shape) {
    if (!text.empty()) {
      text += 'x';
    }
    text += dimension < 0 ? "?" : std::to_string(dimension);
  }
  return text;
}

}  // namespace trtprof
