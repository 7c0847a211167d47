// What a layer adds to each of its output channels, and where that is stored: in the layer itself, or for a MatMul in
// the Add behind it. Private to calibrate/.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <tl/expected.hpp>

#include "trtprof/model/graph_view.h"

namespace trtprof::quantization {

class LayerBias {
 public:
  // Conv, ConvTranspose, Gemm and MatMul.
  [[nodiscard]] static bool is_of(const onnx::NodeProto& node);
  // Or why it cannot be changed, a clause: "nothing behind it adds a constant".
  [[nodiscard]] static tl::expected<LayerBias, std::string> find(const GraphView& graph, onnx::NodeProto& node);

  // On which axis of an output of that rank the channels lie.
  [[nodiscard]] std::size_t axis(std::size_t rank) const { return add_ == nullptr ? 1 : rank - 1; }
  // By one number for each channel. Or why not, and nothing is changed.
  [[nodiscard]] std::optional<std::string> shift(GraphView& graph, std::span<const double> terms) const;

 private:
  explicit LayerBias(onnx::NodeProto& node) : node_(&node) {}
  onnx::NodeProto* node_;
  onnx::NodeProto* add_ = nullptr;  // of a MatMul
  int constant_ = 0;                // the input of the Add
};

}  // namespace trtprof::quantization
