#include "trtprof/optimize/graph_size.h"

#include <onnx/onnx_pb.h>

#include "trtprof/base/tensor.h"
#include "trtprof/model/element_types.h"

namespace trtprof {
namespace {

std::uint64_t bytes_of(const onnx::TensorProto& tensor) {
  const auto count = element_count({tensor.dims().begin(), tensor.dims().end()});
  const std::size_t bits = bits_of(element_type_from_onnx(tensor.data_type()));
  return count ? (*count * bits + 7) / 8 : 0;
}

}  // namespace

GraphSize size_of_graph(const onnx::ModelProto& model) {
  GraphSize size;
  size.nodes = model.graph().node_size();
  for (const auto& tensor : model.graph().initializer()) size.initializer_bytes += bytes_of(tensor);
  for (const auto& node : model.graph().node()) {
    if (node.op_type() != "Constant") continue;
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_t()) size.initializer_bytes += bytes_of(attribute.t());
    }
  }
  return size;
}

}  // namespace trtprof
