#include "trtprof/model/captures.h"

#include <onnx/onnx_pb.h>

namespace trtprof {
namespace {

using Names = std::unordered_set<std::string>;

Names names_defined_by(const onnx::GraphProto& graph) {
  Names names;
  for (const auto& input : graph.input()) names.insert(input.name());
  for (const auto& tensor : graph.initializer()) names.insert(tensor.name());
  for (const auto& sparse : graph.sparse_initializer()) names.insert(sparse.values().name());
  for (const auto& node : graph.node()) names.insert(node.output().begin(), node.output().end());
  return names;
}

template <class Visit>
void for_each_subgraph(const onnx::NodeProto& node, const Visit& visit) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) visit(attribute.g());
    for (const auto& graph : attribute.graphs()) visit(graph);
  }
}

void add_captures(const onnx::GraphProto& graph, Names& captures) {
  Names read;
  for (const auto& node : graph.node()) {
    read.insert(node.input().begin(), node.input().end());
    for_each_subgraph(node, [&read](const onnx::GraphProto& below) { add_captures(below, read); });
  }
  for (const auto& output : graph.output()) read.insert(output.name());
  const Names defined = names_defined_by(graph);
  for (const std::string& name : read) {
    if (!name.empty() && !defined.contains(name)) captures.insert(name);
  }
}

void replace_in(onnx::GraphProto& graph, const std::string& from, const std::string& to) {
  if (names_defined_by(graph).contains(from)) return;
  for (auto& node : *graph.mutable_node()) {
    for (auto& input : *node.mutable_input()) {
      if (input == from) input = to;
    }
    replace_captures(node, from, to);
  }
  for (auto& output : *graph.mutable_output()) {
    if (output.name() == from) output.set_name(to);
  }
}

}  // namespace

std::unordered_set<std::string> captures_of(const onnx::NodeProto& node) {
  Names captures;
  for_each_subgraph(node, [&captures](const onnx::GraphProto& graph) { add_captures(graph, captures); });
  return captures;
}

void replace_captures(onnx::NodeProto& node, const std::string& from, const std::string& to) {
  for (auto& attribute : *node.mutable_attribute()) {
    if (attribute.has_g()) replace_in(*attribute.mutable_g(), from, to);
    for (auto& graph : *attribute.mutable_graphs()) replace_in(graph, from, to);
  }
}

}  // namespace trtprof
