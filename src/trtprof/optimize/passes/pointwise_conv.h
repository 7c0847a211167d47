// A 1x1 convolution as a matrix. Private to the passes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "trtprof/base/tensor.h"
#include "trtprof/optimize/pass_context.h"

namespace onnx {
class NodeProto;
}

namespace trtprof::passes {

// A Conv with a kernel of 1, one group and no padding.
[[nodiscard]] bool is_pointwise(const onnx::NodeProto& node, PassContext& context);

struct PointwiseConv {
  ElementType type = ElementType::f32;
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  std::vector<std::int64_t> strides;  // one for each dimension of the image
  std::vector<double> weights;        // [outputs, inputs]
  std::vector<double> bias;           // outputs; empty: none

  // Or why not, a clause.
  [[nodiscard]] static tl::expected<PointwiseConv, std::string> read(const GraphView& graph,
                                                                     const onnx::NodeProto& node);
  // Of the image before, for each that it makes.
  [[nodiscard]] double pixels_read() const;
  [[nodiscard]] bool is_finite() const;
  // As weights and bias of `node`; is_finite() has to be true.
  void store(GraphView& graph, onnx::NodeProto& node) const;
};

// The one after the other.
[[nodiscard]] PointwiseConv row(const PointwiseConv& first, const PointwiseConv& second);

}  // namespace trtprof::passes
