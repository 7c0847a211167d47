#include "trtprof/model/element_types.h"

#include <onnx/onnx_pb.h>

namespace trtprof {

ElementType element_type_from_onnx(std::int32_t data_type) {
  switch (data_type) {
    case onnx::TensorProto::FLOAT:
      return ElementType::f32;
    case onnx::TensorProto::DOUBLE:
      return ElementType::f64;
    case onnx::TensorProto::FLOAT16:
      return ElementType::f16;
    case onnx::TensorProto::BFLOAT16:
      return ElementType::bf16;
    case onnx::TensorProto::INT8:
      return ElementType::i8;
    case onnx::TensorProto::UINT8:
      return ElementType::u8;
    case onnx::TensorProto::INT16:
      return ElementType::i16;
    case onnx::TensorProto::UINT16:
      return ElementType::u16;
    case onnx::TensorProto::INT32:
      return ElementType::i32;
    case onnx::TensorProto::UINT32:
      return ElementType::u32;
    case onnx::TensorProto::INT64:
      return ElementType::i64;
    case onnx::TensorProto::UINT64:
      return ElementType::u64;
    case onnx::TensorProto::BOOL:
      return ElementType::boolean;
    case onnx::TensorProto::INT4:
      return ElementType::i4;
    case onnx::TensorProto::UINT4:
      return ElementType::u4;
    case onnx::TensorProto::FLOAT8E4M3FN:
      return ElementType::f8e4m3;
    case onnx::TensorProto::FLOAT8E5M2:
      return ElementType::f8e5m2;
    case onnx::TensorProto::STRING:
      return ElementType::string;
    default:
      return ElementType::unknown;
  }
}

std::optional<std::int32_t> onnx_element_type(ElementType type) {
  for (std::int32_t number = onnx::TensorProto::DataType_MIN; number <= onnx::TensorProto::DataType_MAX; ++number) {
    if (type != ElementType::unknown && element_type_from_onnx(number) == type) return number;
  }
  return std::nullopt;
}

}  // namespace trtprof
