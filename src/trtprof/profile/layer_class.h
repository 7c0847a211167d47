// The canonical class of a layer: what the Type column, the shares by class and the patterns of the guide use.
// Every engine's own type is kept beside it (Layer::engine_type).
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace trtprof {

enum class LayerClass {
  convolution,
  depthwise_convolution,
  deconvolution,
  matmul,           // MatMul without constant weights, batched
  fully_connected,  // Gemm, or MatMul against constant weights
  attention,
  scale,          // batch normalisation, or a per-channel multiply-add
  normalization,  // layer, instance, group, RMS, LRN
  activation,
  pooling,
  elementwise,
  reduction,
  softmax,
  gather,  // Gather*, Scatter*
  resize,
  shuffle,  // Reshape, Transpose, Squeeze, Flatten: data moved or only renamed
  concatenation,
  slice,  // Slice, Split, StridedSlice
  pad,
  reformat,  // inserted by the engine: layout or precision conversion, copies
  quantize,  // Q/DQ
  cast,
  recurrent,
  topk,  // TopK, NonMaxSuppression, NonZero, sorting
  constant,
  control_flow,
  fused,   // several operators that the engine compiled into one kernel of its own, none of them heavier
  opaque,  // the engine does not say what is inside (Myelin, ForeignNode)
  input_output,
  plugin,
  other,
};

// Stable identifier used in JSON and CSV: "DepthwiseConvolution".
[[nodiscard]] std::string_view to_string(LayerClass layer_class);
// At most 14 columns, for the Type column of the report: "DepthwiseConv". The column has 20, of which a time of
// 99999.0000 ms takes some.
[[nodiscard]] std::string_view display_name(LayerClass layer_class);
// In the order of the enumeration.
[[nodiscard]] std::span<const LayerClass> all_layer_classes();
[[nodiscard]] std::optional<LayerClass> layer_class_from_string(std::string_view name);

// Of any kind, transposed with them.
[[nodiscard]] constexpr bool is_convolution(LayerClass layer_class) {
  return layer_class == LayerClass::convolution || layer_class == LayerClass::depthwise_convolution ||
         layer_class == LayerClass::deconvolution;
}

// From an ONNX operator type of the default domain or com.microsoft; LayerClass::other for the rest. Conv is
// `convolution` here: whether it is depthwise needs its weights (see cost and the backends).
[[nodiscard]] LayerClass class_of_onnx_op(std::string_view op_type);

// From an operator of PyTorch as its profiler names it ("aten::conv2d", "aten::_softmax", "quantized::linear"): the
// namespace does not matter, nor do the underscores that mark what is internal or in place. `depthwise` tells whether
// groups equal channels. LayerClass::other for an operator that this table does not know.
[[nodiscard]] LayerClass class_of_pytorch_operator(std::string_view name, bool depthwise);

// From a node type of OpenVINO's CPU plugin as its profiling info or runtime model spell it ("GroupConvolution",
// "Reorder", "Subgraph", "Eltwise"); case does not matter, as in the plugin. `depthwise` tells whether groups equal
// channels. LayerClass::other for a type this table does not know.
[[nodiscard]] LayerClass class_of_openvino_type(std::string_view type, bool depthwise);

// From what TensorRT's engine inspector calls a layer: its LayerType ("CaskGemmConvolution", "PointWiseV2", Myelin's
// "kgen"), and where that is not known its ParameterType ("Convolution"), which a new kind of kernel shares with the
// old ones. Case does not matter; a version behind the type ("ShuffleV2") neither. `fused` is a kernel that TensorRT
// wrote for several operators, whose nodes tell more. LayerClass::other for types this table does not know.
[[nodiscard]] LayerClass class_of_tensorrt_layer(std::string_view layer_type, std::string_view parameter_type,
                                                 bool depthwise);

}  // namespace trtprof
