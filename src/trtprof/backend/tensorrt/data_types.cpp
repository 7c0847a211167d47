#include "trtprof/backend/tensorrt/data_types.h"

#include <algorithm>

namespace trtprof::tensorrt {

ElementType element_type_of(nvinfer1::DataType type) {
  using Type = nvinfer1::DataType;
  switch (type) {
    case Type::kFLOAT:
      return ElementType::f32;
    case Type::kHALF:
      return ElementType::f16;
    case Type::kBF16:
      return ElementType::bf16;
    case Type::kFP8:
      return ElementType::f8e4m3;
    case Type::kINT8:
      return ElementType::i8;
    case Type::kUINT8:
      return ElementType::u8;
    case Type::kINT32:
      return ElementType::i32;
    case Type::kINT64:
      return ElementType::i64;
    case Type::kINT4:
      return ElementType::i4;
    case Type::kBOOL:
      return ElementType::boolean;
    default:
      return ElementType::unknown;
  }
}

std::string type_name(nvinfer1::DataType type) {
  const ElementType known = element_type_of(type);
  if (known != ElementType::unknown) return std::string(to_string(known));
  switch (static_cast<std::int32_t>(type)) {  // not in every version's headers
    case 10:
      return "f4";
    case 11:
      return "e8m0";
    default:
      return {};
  }
}

std::size_t bits_of_type(nvinfer1::DataType type) {
  const ElementType known = element_type_of(type);
  if (known != ElementType::unknown) return bits_of(known);
  return static_cast<std::int32_t>(type) == 10 ? 4 : 8;
}

std::vector<std::int64_t> shape_of(const nvinfer1::Dims& dims) {
  if (dims.nbDims < 0) return {};
  return {dims.d, dims.d + dims.nbDims};
}

nvinfer1::Dims dims_of(const std::vector<std::int64_t>& shape) {
  nvinfer1::Dims dims{};
  dims.nbDims = static_cast<std::int32_t>(std::min<std::size_t>(shape.size(), nvinfer1::Dims::MAX_DIMS));
  std::copy_n(shape.begin(), dims.nbDims, dims.d);
  return dims;
}

}  // namespace trtprof::tensorrt
