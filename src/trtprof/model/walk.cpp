#include "trtprof/model/walk.h"

#include <algorithm>

#include <onnx/onnx_pb.h>

namespace trtprof {
namespace {

// As GraphNode::display_name().
const std::string& display_name(const onnx::NodeProto& node) {
  if (!node.name().empty()) return node.name();
  const auto& outputs = node.output();
  const auto named = std::ranges::find_if(outputs, [](const auto& name) { return !name.empty(); });
  return named == outputs.end() ? node.name() : *named;
}

// Of a graph or of a function.
template <class Nodes>
void visit_nodes(const Nodes& nodes, const std::string& path, const NodeVisit& visit) {
  for (const onnx::NodeProto& node : nodes) {
    visit(node, path);
    const std::string below = (path.empty() ? "" : path + "/") + display_name(node) + "/";
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) visit_nodes(attribute.g().node(), below + attribute.name(), visit);
      for (int i = 0; i < attribute.graphs_size(); ++i) {
        visit_nodes(attribute.graphs(i).node(), below + attribute.name() + "[" + std::to_string(i) + "]", visit);
      }
    }
  }
}

}  // namespace

void for_each_node(const onnx::ModelProto& model, const NodeVisit& visit) {
  visit_nodes(model.graph().node(), "", visit);
  for (const auto& function : model.functions()) {
    const std::string domain = function.domain().empty() ? "" : function.domain() + ".";
    visit_nodes(function.node(), "function " + domain + function.name(), visit);
  }
}

}  // namespace trtprof
