// Types and shapes in our words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/base/tensor.h"

namespace trtprof::tensorrt {

// ElementType::unknown for types that have no equal (FP4, E8M0).
[[nodiscard]] ElementType element_type_of(nvinfer1::DataType type);
// "f32", "f4": those without an ElementType, too.
[[nodiscard]] std::string type_name(nvinfer1::DataType type);
// Bits of one element in a linear layout.
[[nodiscard]] std::size_t bits_of_type(nvinfer1::DataType type);

// -1 where a dimension is open.
[[nodiscard]] std::vector<std::int64_t> shape_of(const nvinfer1::Dims& dims);
[[nodiscard]] nvinfer1::Dims dims_of(const std::vector<std::int64_t>& shape);

}  // namespace trtprof::tensorrt
