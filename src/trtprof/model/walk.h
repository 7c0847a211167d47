// Visits every node of a model: of the main graph, of the subgraphs of If, Loop and Scan, of its functions.
#pragma once

#include <functional>
#include <string>

namespace onnx {
class ModelProto;
class NodeProto;
}  // namespace onnx

namespace trtprof {

// `path`: "" in the main graph; "loop_1/body", the names of node and attribute, in a subgraph (as GraphNode::subgraph
// has it); "function com.acme.Gelu" in a function, whose subgraphs go on from there. A node comes before those of its
// subgraphs, functions come last.
using NodeVisit = std::function<void(const onnx::NodeProto& node, const std::string& path)>;
void for_each_node(const onnx::ModelProto& model, const NodeVisit& visit);

}  // namespace trtprof
