#include "trtprof/model/stored_tensors.h"

#include <onnx/onnx_pb.h>

namespace trtprof {
namespace {

using Visit = std::function<void(const onnx::TensorProto&)>;

void visit_graph(const onnx::GraphProto& graph, const Visit& visit);

void visit_sparse(const onnx::SparseTensorProto& sparse, const Visit& visit) {
  if (sparse.has_values()) visit(sparse.values());
  if (sparse.has_indices()) visit(sparse.indices());
}

void visit_attribute(const onnx::AttributeProto& attribute, const Visit& visit) {
  if (attribute.has_t()) visit(attribute.t());
  for (const auto& tensor : attribute.tensors()) visit(tensor);
  if (attribute.has_sparse_tensor()) visit_sparse(attribute.sparse_tensor(), visit);
  for (const auto& sparse : attribute.sparse_tensors()) visit_sparse(sparse, visit);
  if (attribute.has_g()) visit_graph(attribute.g(), visit);
  for (const auto& graph : attribute.graphs()) visit_graph(graph, visit);
}

void visit_graph(const onnx::GraphProto& graph, const Visit& visit) {
  for (const auto& tensor : graph.initializer()) visit(tensor);
  for (const auto& sparse : graph.sparse_initializer()) visit_sparse(sparse, visit);
  for (const auto& node : graph.node()) {
    for (const auto& attribute : node.attribute()) visit_attribute(attribute, visit);
  }
}

}  // namespace

void for_each_stored_tensor(const onnx::ModelProto& model, const Visit& visit) {
  visit_graph(model.graph(), visit);
  for (const auto& function : model.functions()) {
    for (const auto& node : function.node()) {
      for (const auto& attribute : node.attribute()) visit_attribute(attribute, visit);
    }
    for (const auto& attribute : function.attribute_proto()) visit_attribute(attribute, visit);
  }
  for (const auto& training : model.training_info()) {
    visit_graph(training.initialization(), visit);
    visit_graph(training.algorithm(), visit);
  }
}

void for_each_stored_tensor(onnx::ModelProto& model, const std::function<void(onnx::TensorProto&)>& visit) {
  // The model is not const, so neither are its tensors.
  for_each_stored_tensor(std::as_const(model),
                         [&visit](const onnx::TensorProto& tensor) { visit(const_cast<onnx::TensorProto&>(tensor)); });
}

}  // namespace trtprof
