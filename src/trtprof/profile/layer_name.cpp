#include "trtprof/profile/layer_name.h"

#include <algorithm>

#include <fmt/format.h>

namespace trtprof {
namespace {

// A class that ONNX's operator type alone cannot tell: both are a Conv, or a MatMul.
LayerClass as_onnx_says(LayerClass layer_class) {
  switch (layer_class) {
    case LayerClass::depthwise_convolution:
      return LayerClass::convolution;
    case LayerClass::fully_connected:
      return LayerClass::matmul;
    default:
      return layer_class;
  }
}

}  // namespace

const OriginNode* main_origin(const Layer& layer) {
  const auto& origins = layer.origin_nodes;
  if (origins.empty()) return nullptr;
  const auto same_class = [&](const OriginNode& node) {
    return as_onnx_says(class_of_onnx_op(node.op_type)) == as_onnx_says(layer.layer_class);
  };
  const auto found = std::find_if(origins.begin(), origins.end(), same_class);
  return found == origins.end() ? origins.data() : &*found;
}

std::string readable_name(const Layer& layer) {
  const OriginNode* origin = main_origin(layer);
  if (origin == nullptr || layer.name.find(origin->name) != std::string::npos) return layer.name;
  const std::size_t others = layer.origin_nodes.size() - 1;
  return others == 0 ? origin->name : fmt::format("{} (+{})", origin->name, others);
}

}  // namespace trtprof
