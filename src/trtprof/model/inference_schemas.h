// The ONNX library's operator schemas, those of old operator sets with what the library has learned since.
#pragma once

#include <onnx/defs/schema.h>

namespace trtprof {

// In old operator sets the library does not follow values (a shape that a model computes with Shape, Cast, Slice,
// Concat and feeds to Reshape), where its schemas of the same operators in newer sets do. This registry answers with
// the old schema and the newer one's inference, for operators whose inputs and attributes mean the same in both.
[[nodiscard]] const onnx::ISchemaRegistry& inference_schemas();

}  // namespace trtprof
