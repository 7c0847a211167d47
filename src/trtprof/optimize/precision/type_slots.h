// What ONNX's schemas say of the types that an input or output of an operator may have.
#pragma once

#include <optional>
#include <string>

#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof::precision {

// May input (output) `index` be of that type? The node's schema is known.
[[nodiscard]] bool input_takes(const TypedNode& node, int index, HalfType type);
[[nodiscard]] bool output_takes(const TypedNode& node, int index, HalfType type);

// The first operator set after that of the node in which its first f32 input or output may be of that type.
[[nodiscard]] std::optional<int> opset_that_takes(const TypedNode& node, bool input, int index, HalfType type);

// The attribute that says which type an output has, and the type it says where it is not there; "" without one, where
// the output's type follows from the inputs. Constant is not among them.
struct TypeAttribute {
  std::string name;
  int follows = kNone;  // the input whose type the output has where the attribute is left out
};
[[nodiscard]] std::optional<TypeAttribute> type_attribute(const TypedNode& node);

}  // namespace trtprof::precision
