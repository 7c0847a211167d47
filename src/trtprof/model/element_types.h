// ONNX's TensorProto.DataType numbers as element types of this library.
#pragma once

#include <cstdint>
#include <optional>

#include "trtprof/base/tensor.h"

namespace trtprof {

// ElementType::unknown for types the library has no name for (complex, 2-bit and 6-bit types, ...).
[[nodiscard]] ElementType element_type_from_onnx(std::int32_t data_type);
// nullopt for ElementType::unknown.
[[nodiscard]] std::optional<std::int32_t> onnx_element_type(ElementType type);

}  // namespace trtprof
