// Nodes that give what they get. Private to the passes.
#pragma once

#include <optional>
#include <string>

#include "trtprof/optimize/pass_context.h"

namespace onnx {
class NodeProto;
}

namespace trtprof::passes {

// The input that comes out unchanged as the first output, and why: a clause.
struct NoEffect {
  int input = 0;
  std::string why;
};
[[nodiscard]] std::optional<NoEffect> no_effect_of(const onnx::NodeProto& node, PassContext& context);

// Reshape, Flatten, Squeeze, Unsqueeze: the same elements in the same order under another shape.
[[nodiscard]] bool only_renames(const onnx::NodeProto& node);
// Do two values of equally many elements have the same shape? One dimension may be open: the others tell it.
[[nodiscard]] bool same_shape_of_renamed(PassContext& context, const std::string& a, const std::string& b);
// Of a Transpose; nullopt: neither stored nor known from the rank.
[[nodiscard]] std::optional<std::vector<std::int64_t>> permutation_of(const onnx::NodeProto& node,
                                                                      PassContext& context);
// Does every value of `from` come back the same from `through`?
[[nodiscard]] bool holds(ElementType from, ElementType through);

}  // namespace trtprof::passes
