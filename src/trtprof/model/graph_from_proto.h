// The plain-value Graph of a ModelProto.
#pragma once

#include "trtprof/model/graph.h"

namespace onnx {
class ModelProto;
class TypeProto;
class ValueInfoProto;
}  // namespace onnx

namespace trtprof {

[[nodiscard]] Graph graph_from_proto(const onnx::ModelProto& model);

// Makes a dimension that names nothing ("?", "") or means "open" (-1) an open one, so that ONNX's inference does not
// take two of them for equal.
void open_nameless_dimensions(onnx::TypeProto& type);

// Sequences, maps and optionals have no element type and no shape of their own.
[[nodiscard]] ValueInfo value_from_proto(const onnx::ValueInfoProto& proto);

}  // namespace trtprof
