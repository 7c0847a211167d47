// A model in a newer operator set: more operators have f16 and bf16 there.
#pragma once

#include <optional>

#include "trtprof/optimize/precision/convert_precision.h"

namespace trtprof {

// Of ONNX's own operators; 0: the model names none.
[[nodiscard]] int opset_of(const OnnxModel& model);

// The lowest operator set, not under the model's own, in which no operator of the model lacks the type that has it in
// the newest one: 22 for bf16 where there is a Conv.
[[nodiscard]] int opset_with(const OnnxModel& model, HalfType type);

// Through ONNX's version converter, in place. Nothing happens where the model has that set or a newer one. Fails, with
// the converter's reason, where a node cannot be carried over.
[[nodiscard]] Status raise_opset(OnnxModel& model, int opset);

}  // namespace trtprof
