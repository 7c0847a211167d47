// The part of a graph that could as well work on what lies before a Transpose. Private to the passes.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "trtprof/optimize/pass_context.h"

namespace onnx {
class NodeProto;
}

namespace trtprof::passes {

// Elementwise nodes whose inputs are all transposed the same way, or constants, joined by the values between them.
struct TransposeRegion {
  std::vector<std::int64_t> order;                  // perm of the Transposes that lead in
  std::vector<std::int64_t> back;                   // perm of those that undo it
  std::vector<onnx::NodeProto*> entries;            // Transposes whose results the region reads
  std::vector<onnx::NodeProto*> nodes;              // in stored order
  std::vector<onnx::NodeProto*> exits;              // Transposes that undo what the nodes make
  std::vector<std::string> wanted;                  // made by nodes, and read transposed by others
  std::vector<onnx::NodeProto*> removable_entries;  // that nothing else reads
  std::string obstacle;                             // why it cannot be rewritten, a clause; empty: it can
};

// Of the Transpose `start`, whose order is known; without nodes where none of its readers is elementwise.
[[nodiscard]] TransposeRegion region_behind(onnx::NodeProto& start, std::vector<std::int64_t> order,
                                            PassContext& context);

// Works element by element, whatever the layout; constants beside the data are broadcast, or one number each.
[[nodiscard]] bool is_elementwise(const onnx::NodeProto& node);
[[nodiscard]] bool broadcasts_constants(const onnx::NodeProto& node);

}  // namespace trtprof::passes
