// The values of enclosing graphs that the subgraphs of a node read.
#pragma once

#include <string>
#include <unordered_set>

namespace onnx {
class NodeProto;
}

namespace trtprof {

[[nodiscard]] std::unordered_set<std::string> captures_of(const onnx::NodeProto& node);

// In every subgraph of the node that does not define a value of that name itself.
void replace_captures(onnx::NodeProto& node, const std::string& from, const std::string& to);

}  // namespace trtprof
