#include "trtprof/profile/layer_class.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace trtprof {
namespace {

struct ClassNames {
  LayerClass layer_class;
  std::string_view identifier;
  std::string_view display;
};

constexpr auto kNames = std::to_array<ClassNames>({
    {LayerClass::convolution, "Convolution", "Convolution"},
    {LayerClass::depthwise_convolution, "DepthwiseConvolution", "DepthwiseConv"},
    {LayerClass::deconvolution, "Deconvolution", "Deconvolution"},
    {LayerClass::matmul, "MatMul", "MatMul"},
    {LayerClass::fully_connected, "FullyConnected", "FullyConnected"},
    {LayerClass::attention, "Attention", "Attention"},
    {LayerClass::scale, "Scale", "Scale"},
    {LayerClass::normalization, "Normalization", "Normalization"},
    {LayerClass::activation, "Activation", "Activation"},
    {LayerClass::pooling, "Pooling", "Pooling"},
    {LayerClass::elementwise, "Elementwise", "Elementwise"},
    {LayerClass::reduction, "Reduction", "Reduction"},
    {LayerClass::softmax, "Softmax", "Softmax"},
    {LayerClass::gather, "Gather", "Gather"},
    {LayerClass::resize, "Resize", "Resize"},
    {LayerClass::shuffle, "Shuffle", "Shuffle"},
    {LayerClass::concatenation, "Concatenation", "Concatenation"},
    {LayerClass::slice, "Slice", "Slice"},
    {LayerClass::pad, "Pad", "Pad"},
    {LayerClass::reformat, "Reformat", "Reformat"},
    {LayerClass::quantize, "Quantize", "Quantize"},
    {LayerClass::cast, "Cast", "Cast"},
    {LayerClass::recurrent, "Recurrent", "Recurrent"},
    {LayerClass::topk, "TopK", "TopK"},
    {LayerClass::constant, "Constant", "Constant"},
    {LayerClass::control_flow, "ControlFlow", "ControlFlow"},
    {LayerClass::fused, "Fused", "Fused"},
    {LayerClass::opaque, "Opaque", "Opaque"},
    {LayerClass::input_output, "InputOutput", "InputOutput"},
    {LayerClass::plugin, "Plugin", "Plugin"},
    {LayerClass::other, "Other", "Other"},
});

constexpr bool in_order_of_the_enumeration() {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i].layer_class != static_cast<LayerClass>(i)) {
      return false;
    }
  }
  return static_cast<std::size_t>(LayerClass::other) + 1 == kNames.size();
}
static_assert(in_order_of_the_enumeration(), "names are looked up by the enumerator's value");

// Types of one class, separated by spaces.
struct ClassTypes {
  LayerClass layer_class;
  std::string_view types;
};

// ONNX 1.23 (opset 28) and earlier, then com.microsoft by ONNX Runtime's ContribOperators.md. Operators that say
// nothing about what the machine does (sequences, strings, signal windows, losses, random numbers) stay `other`;
// tests/profile/layer_class_test.cpp lists them.
constexpr auto kOnnxTypes = std::to_array<ClassTypes>({
    {LayerClass::convolution,
     "Conv ConvInteger QLinearConv DeformConv CausalConvWithState "
     "FusedConv NhwcConv NhwcFusedConv WordConvEmbedding"},
    {LayerClass::deconvolution, "ConvTranspose ConvTransposeWithDynamicPads"},
    {LayerClass::matmul,
     "MatMul MatMulInteger QLinearMatMul Einsum "
     "FusedMatMul FusedMatMulActivation TransposeMatMul SparseToDenseMatMul MatMulInteger16 MatMulIntegerToFloat "
     "DynamicQuantizeMatMul"},
    {LayerClass::fully_connected,
     "Gemm "
     "FusedGemm QGemm GemmFastGelu GemmFloat8 MatMulNBits MatMulBnb4 MatMulFpQ4 MoE QMoE"},
    {LayerClass::attention,
     "Attention LinearAttention FlexAttention "
     "MultiHeadAttention GroupQueryAttention DecoderAttention DecoderMaskedMultiHeadAttention "
     "DecoderMaskedSelfAttention PackedAttention PackedMultiHeadAttention PagedAttention SparseAttention QAttention "
     "QOrderedAttention QOrderedLongformerAttention LongformerAttention"},
    {LayerClass::scale, "BatchNormalization ImageScaler"},
    {LayerClass::normalization,
     "LayerNormalization InstanceNormalization GroupNormalization RMSNormalization LRN LpNormalization "
     "MeanVarianceNormalization "
     "SimplifiedLayerNormalization SkipLayerNormalization SkipSimplifiedLayerNormalization GroupNorm SkipGroupNorm "
     "QOrderedLayerNormalization EmbedLayerNormalization QEmbedLayerNormalization"},
    {LayerClass::activation,
     "Relu LeakyRelu PRelu ThresholdedRelu Selu Elu Celu Clip Sigmoid HardSigmoid HardSwish Swish SwiGLU Gelu Mish "
     "Tanh Softplus Softsign Shrink "
     "FastGelu QuickGelu BiasGelu BiasSplitGelu QOrderedGelu QLinearSigmoid QLinearLeakyRelu"},
    {LayerClass::pooling,
     "MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool MaxRoiPool RoiAlign MaxUnpool "
     "NhwcMaxPool MaxpoolWithMask QLinearAveragePool QLinearGlobalAveragePool"},
    {LayerClass::elementwise,
     "Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Ceil Cos Cosh "
     "Div Equal Erf Exp Floor Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Log Max Mean Min Mod Mul Neg Not Or "
     "Pow Reciprocal RotaryEmbedding Round Sign Sin Sinh Sqrt Sub Sum Tan Trilu Where Xor "
     "BiasAdd MulInteger QLinearAdd QLinearMul QLinearWhere ComplexMul ComplexMulConj"},
    {LayerClass::reduction,
     "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
     "ReduceSumSquare ArgMax ArgMin CumSum CumProd "
     "ReduceSumInteger QLinearReduceMean"},
    {LayerClass::softmax, "Softmax LogSoftmax Hardmax BiasSoftmax QLinearSoftmax QOrderedSoftmax"},
    {LayerClass::gather,
     "Gather GatherElements GatherND Scatter ScatterElements ScatterND TensorScatter Compress "
     "GatherBlockQuantized TorchEmbedding"},
    {LayerClass::resize, "Resize Upsample GridSample CropAndResize"},
    {LayerClass::shuffle,
     "Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Identity Dropout DepthToSpace SpaceToDepth "
     "ReverseSequence Col2Im "
     "ExpandDims UnfoldTensor BiasDropout BitmaskDropout"},
    {LayerClass::concatenation, "Concat ConcatFromSequence QLinearConcat"},
    {LayerClass::slice, "Slice Split SplitToSequence DynamicSlice"},
    {LayerClass::pad, "Pad CenterCropPad"},
    {LayerClass::reformat, "ReorderInput ReorderOutput MemcpyFromHost MemcpyToHost"},  // put in by ONNX Runtime
    {LayerClass::quantize,
     "QuantizeLinear DequantizeLinear DynamicQuantizeLinear "
     "QuantizeBFP DequantizeBFP QuantizeWithOrder DequantizeWithOrder"},
    {LayerClass::cast, "Cast CastLike BitCast"},
    {LayerClass::recurrent, "RNN LSTM GRU AttnLSTM DynamicQuantizeLSTM"},
    {LayerClass::topk, "TopK NonMaxSuppression NonZero Unique"},
    {LayerClass::constant, "Constant ConstantOfShape EyeLike Range GivenTensorFill"},
    {LayerClass::control_flow, "If Loop Scan SequenceMap BeamSearch WhisperBeamSearch GreedySearch Sampling"},
    {LayerClass::opaque, "EPContext"},
});

// OpenVINO 2026.4: the types its CPU plugin registers (spelling of the profiling info), then the names it gives its
// node classes (spelling of the runtime model). "Math" and "Eltwise" say no more than elementwise.
constexpr auto kOpenvinoTypes = std::to_array<ClassTypes>({
    {LayerClass::convolution, "Convolution GroupConvolution BinaryConvolution DeformableConvolution PagedCausalConv1D"},
    {LayerClass::deconvolution, "ConvolutionBackpropData GroupConvolutionBackpropData Deconvolution"},
    {LayerClass::matmul, "MatMul GatherMatmul GatherMatmulCompressed"},
    {LayerClass::fully_connected,
     "FullyConnected FullyConnectedCompressed FullyConnectedQuantizedLegacy FullyConnectedQuantized LLMMLP "
     "QKVProjection"},
    {LayerClass::attention,
     "ScaledDotProductAttention ScaledDotProductAttentionWithKVCache SDPAWithTransposeReshape "
     "PagedAttentionExtension PagedAttention GatedDeltaNet PagedGatedDeltaNet"},
    {LayerClass::normalization, "LRN MVN NormalizeL2 GRN RMS"},
    {LayerClass::activation,
     "Relu LeakyRelu Gelu Elu Tanh Sigmoid Clamp SwishCPU HSwish Mish HSigmoid HardSigmoid PRelu Selu SoftPlus "
     "SoftSign"},
    {LayerClass::pooling,
     "Pooling MaxPool AvgPool AdaptivePooling AdaptiveMaxPool AdaptiveAvgPool ROIAlign ROIAlignRotated ROIPooling "
     "PSROIPooling DeformablePSROIPooling ExperimentalDetectronROIFeatureExtractor"},
    {LayerClass::elementwise,
     "Eltwise Math Add Subtract Multiply Divide SquaredDifference Maximum Minimum Mod FloorMod Power PowerStatic Equal "
     "NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalXor LogicalNot IsFinite IsInf IsNaN Abs "
     "Sqrt Exp Log Erf ErfInv Round Select Negative Ceil Ceiling Floor Reciprocal Sign Sin Sinh Cos Cosh Tan Acos "
     "Acosh Asin Asinh Atan Atanh BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BitwiseLeftShift BitwiseRightShift RoPE "
     "CausalMaskPreprocess"},
    {LayerClass::reduction,
     "Reduce ReduceL1 ReduceL2 ReduceLogicalAnd ReduceLogicalOr ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
     "ReduceLogSum ReduceLogSumExp ReduceSumSquare CumSum SegmentMax"},
    {LayerClass::softmax, "Softmax LogSoftmax"},
    {LayerClass::gather,
     "Gather GatherCompressed GatherElements GatherND GatherTree ScatterUpdate ScatterElementsUpdate ScatterNDUpdate "
     "EmbeddingSegmentsSum EmbeddingBagPacked EmbeddingBagPackedSum EmbeddingBagOffsets EmbeddingBagOffsetsSum"},
    {LayerClass::resize, "Interpolate GridSample"},
    {LayerClass::shuffle,
     "Reshape Squeeze Unsqueeze Transpose Broadcast Tile Identity DepthToSpace SpaceToDepth BatchToSpace SpaceToBatch "
     "ShuffleChannels ReverseSequence Roll Col2Im ExtractImagePatches ReorgYolo"},
    {LayerClass::concatenation, "Concat Concatenation"},
    {LayerClass::slice, "Slice StridedSlice SliceScatter Split VariadicSplit"},
    {LayerClass::pad, "Pad"},
    {LayerClass::reformat, "Reorder PaKVReorder"},
    {LayerClass::quantize, "FakeQuantize"},
    {LayerClass::cast, "Convert"},
    {LayerClass::recurrent,
     "LSTMCell GRUCell AUGRUCell RNNCell LSTMSequence GRUSequence AUGRUSequence RNNSequence RNNSeq PagedSelectiveSSM"},
    {LayerClass::topk,
     "TopK NonZero NonMaxSuppression NonMaxSuppressionIEInternal NMSRotated MatrixNms MulticlassNms "
     "MulticlassNmsIEInternal Unique SearchSorted ExperimentalDetectronTopKROIs"},
    {LayerClass::constant, "Constant Const Eye Range"},
    {LayerClass::control_flow, "TensorIterator Loop If"},
    {LayerClass::fused, "Subgraph LoraSubgraph LoRA Interaction"},
    {LayerClass::opaque, "SubModel Reference"},
    {LayerClass::input_output,
     "Parameter Result Input Output ReadValue ReadValueWithSubgraph Assign MemoryInput MemoryOutput"},
});

// TensorRT 10 and 11: what the recorded engines say (tests/data/tensorrt-10.6), the words of NVIDIA's Engine Explorer,
// the enumerators of nvinfer1::LayerType (NvInfer.h 11.4), and Myelin's kinds of operations. Plain words: who
// implements it
// ("CaskGemmConvolution") and a version ("PointWiseV2") are taken off first. A "NoOp" is a reformat that costs nothing,
// or a shuffle that only renames; "PointWise" and "kgen" are kernels written for what was fused.
constexpr auto kTensorrtTypes = std::to_array<ClassTypes>({
    {LayerClass::convolution, "Convolution ConvActConvolution ConvActPool Conv Correlation"},
    {LayerClass::deconvolution, "Deconvolution Deconv"},
    {LayerClass::matmul, "MatrixMultiply MatMul Gemm Einsum"},
    {LayerClass::fully_connected, "FullyConnected MoE"},
    {LayerClass::attention, "Attention AttentionInput AttentionOutput MHA"},
    {LayerClass::scale, "Scale BatchNormalization"},
    {LayerClass::normalization, "Normalization LRN LayerNorm"},
    {LayerClass::activation, "Activation ParametricRelu"},
    {LayerClass::pooling, "Pooling"},
    {LayerClass::elementwise, "ElementWise Unary Select RotaryEmbedding"},
    {LayerClass::reduction, "Reduce Cumulative"},
    {LayerClass::softmax, "SoftMax RaggedSoftMax"},
    {LayerClass::gather, "Gather Scatter KVCacheUpdate"},
    {LayerClass::resize, "Resize GridSample"},
    {LayerClass::shuffle, "Shuffle Identity Squeeze Unsqueeze ReverseSequence Transpose Reshape"},
    {LayerClass::concatenation, "Concatenation Concat"},
    {LayerClass::slice, "Slice"},
    {LayerClass::pad, "Padding Pad"},
    {LayerClass::reformat, "Reformat NoOp Copy Move"},
    {LayerClass::quantize, "Quantize Dequantize DynamicQuantize"},
    {LayerClass::cast, "Cast"},
    {LayerClass::topk, "TopK NonZero NMS Sort"},
    {LayerClass::constant, "Constant Fill"},
    {LayerClass::control_flow,
     "TripLimit Recurrence Iterator LoopOutput Condition ConditionalInput ConditionalOutput Loop TrainStation"},
    {LayerClass::fused, "PointWise Kgen Fusion"},
    {LayerClass::opaque, "Myelin ForeignNode DLA"},
    {LayerClass::plugin, "Plugin PluginV2Ext PluginV2IOExt PluginV2DynamicExt"},
});

// PyTorch 2.15: operators that models call (torch.nn, torch.nn.functional), and those beneath them where one is called
// on its own. Without namespace and without the underscores at either end.
constexpr auto kPytorchTypes = std::to_array<ClassTypes>({
    {LayerClass::convolution,
     "conv1d conv2d conv3d convolution convolution_overrideable convolution_mode mkldnn_convolution cudnn_convolution "
     "cudnn_convolution_relu cudnn_convolution_add_relu miopen_convolution slow_conv2d_forward thnn_conv2d conv2d_relu "
     "conv1d_relu conv3d_relu deform_conv2d conv_depthwise2d conv_depthwise3d conv_tbc"},
    {LayerClass::deconvolution,
     "conv_transpose1d conv_transpose2d conv_transpose3d cudnn_convolution_transpose slow_conv_transpose2d"},
    {LayerClass::matmul, "matmul bmm baddbmm einsum dot vdot mv addmv addbmm chain_matmul linalg_multi_dot tensordot"},
    {LayerClass::fully_connected,
     "linear addmm mm bilinear linear_relu linear_dynamic scaled_mm int_mm mkl_linear mkldnn_linear addmm_activation "
     "weight_int4pack_mm weight_int8pack_mm"},
    {LayerClass::attention,
     "scaled_dot_product_attention scaled_dot_product_attention_math scaled_dot_product_flash_attention "
     "scaled_dot_product_flash_attention_for_cpu scaled_dot_product_efficient_attention "
     "scaled_dot_product_cudnn_attention flash_attention_forward efficient_attention_forward "
     "native_multi_head_attention transformer_encoder_layer_fwd flash_attn_forward flash_attn_varlen_forward"},
    {LayerClass::scale,
     "batch_norm native_batch_norm cudnn_batch_norm batch_norm_impl_index batch_norm_relu batch_norm2d"},
    {LayerClass::normalization,
     "layer_norm native_layer_norm group_norm native_group_norm instance_norm rms_norm fused_rms_norm "
     "local_response_norm weight_norm weight_norm_interface norm linalg_vector_norm linalg_norm"},
    {LayerClass::activation,
     "relu relu6 leaky_relu prelu rrelu selu elu celu silu gelu mish sigmoid hardsigmoid hardswish hardtanh tanh "
     "softplus softsign softshrink hardshrink tanhshrink threshold clamp clamp_min clamp_max log_sigmoid glu"},
    {LayerClass::pooling,
     "max_pool1d max_pool2d max_pool3d max_pool1d_with_indices max_pool2d_with_indices max_pool3d_with_indices "
     "avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d "
     "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d max_unpool2d lp_pool2d mkldnn_adaptive_avg_pool2d "
     "roi_align roi_pool ps_roi_align"},
    {LayerClass::elementwise,
     "add sub rsub mul div floor_divide remainder fmod pow neg abs sign exp exp2 expm1 log log2 log10 log1p sqrt rsqrt "
     "square reciprocal sin cos tan asin acos atan atan2 sinh cosh erf erfc floor ceil round trunc frac eq ne gt ge lt "
     "le logical_and logical_or logical_not logical_xor bitwise_and bitwise_or bitwise_xor bitwise_not maximum minimum "
     "where masked_fill addcmul addcdiv lerp isnan isinf isfinite triu tril fill zero bernoulli dropout "
     "native_dropout"},
    {LayerClass::reduction,
     "sum mean prod max min amax amin aminmax argmax argmin var std var_mean std_mean any all cumsum cumprod logsumexp "
     "nansum"},
    {LayerClass::softmax, "softmax log_softmax safe_softmax"},
    {LayerClass::gather,
     "gather scatter scatter_add scatter_reduce index index_select index_put index_put_impl index_add index_copy "
     "embedding embedding_bag masked_select masked_scatter take take_along_dim one_hot"},
    {LayerClass::resize,
     "upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_nearest_exact2d upsample_bilinear2d "
     "upsample_bilinear2d_aa upsample_bicubic2d upsample_linear1d upsample_trilinear3d grid_sampler grid_sampler_2d "
     "grid_sampler_3d affine_grid_generator interpolate"},
    {LayerClass::shuffle,
     "view reshape reshape_alias unsafe_view view_as flatten unflatten squeeze unsqueeze transpose t permute expand "
     "expand_as repeat repeat_interleave tile contiguous clone copy roll flip pixel_shuffle pixel_unshuffle "
     "channel_shuffle movedim swapaxes numpy_t broadcast_to im2col col2im unfold fold detach alias as_strided "
     "resolve_conj resolve_neg lift_fresh"},
    {LayerClass::concatenation, "cat concat stack hstack vstack concatenate"},
    {LayerClass::slice, "slice split split_with_sizes chunk narrow select unbind tensor_split"},
    {LayerClass::pad,
     "pad constant_pad_nd reflection_pad1d reflection_pad2d replication_pad2d replication_pad1d pad_circular"},
    {LayerClass::quantize,
     "quantize_per_tensor quantize_per_channel quantize_per_tensor_dynamic dequantize fake_quantize_per_tensor_affine "
     "fake_quantize_per_channel_affine quantize_per_tensor_tensor_qparams"},
    {LayerClass::cast, "to to_copy type_as float half"},
    {LayerClass::recurrent, "lstm gru rnn_tanh rnn_relu lstm_cell gru_cell cudnn_rnn mkldnn_rnn_layer lstm_mps"},
    {LayerClass::topk,
     "topk sort argsort nonzero unique unique2 unique_dim kthvalue nms median searchsorted multinomial"},
    {LayerClass::constant,
     "zeros ones full arange empty empty_like zeros_like ones_like full_like linspace eye scalar_tensor "
     "rand randn empty_strided"},
});

// Who implements a layer, in front of what it does: "CaskGemmConvolution", "CudaDepthwiseConvolution".
constexpr auto kTensorrtMakers = std::to_array<std::string_view>(
    {"cask", "cudnn", "cublaslt", "cublas", "cuda", "fused", "gemm", "flatten", "jit", "depthwise", "tiled"});

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return lower;
}

using TypeMap = std::unordered_map<std::string, LayerClass>;

template <class Table, class Spelling>
TypeMap type_map(const Table& table, Spelling spelling) {
  TypeMap map;
  for (const ClassTypes& row : table) {
    std::string_view rest = row.types;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      map.emplace(spelling(rest.substr(0, end)), row.layer_class);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return map;
}

// "shuffle" of "ShuffleV2".
std::string_view without_version(std::string_view type) {
  const std::size_t last = type.find_last_not_of("0123456789");
  const bool versioned = last != std::string_view::npos && last > 0 && last + 1 < type.size() && type[last] == 'v';
  return versioned ? type.substr(0, last) : type;
}

LayerClass class_in(const TypeMap& map, const std::string& type) {
  const auto found = map.find(type);
  return found == map.end() ? LayerClass::other : found->second;
}

}  // namespace

std::string_view to_string(LayerClass layer_class) {
  return kNames.at(static_cast<std::size_t>(layer_class)).identifier;
}

std::string_view display_name(LayerClass layer_class) {
  return kNames.at(static_cast<std::size_t>(layer_class)).display;
}

std::span<const LayerClass> all_layer_classes() {
  static const auto classes = [] {
    std::array<LayerClass, kNames.size()> all{};
    std::ranges::transform(kNames, all.begin(), [](const ClassNames& row) { return row.layer_class; });
    return all;
  }();
  return classes;
}

std::optional<LayerClass> layer_class_from_string(std::string_view name) {
  const auto found = std::ranges::find_if(kNames, [&](const ClassNames& row) { return row.identifier == name; });
  return found == kNames.end() ? std::nullopt : std::optional(found->layer_class);
}

LayerClass class_of_onnx_op(std::string_view op_type) {
  static const TypeMap map = type_map(kOnnxTypes, [](std::string_view type) { return std::string(type); });
  return class_in(map, std::string(op_type));
}

LayerClass class_of_openvino_type(std::string_view type, bool depthwise) {
  static const TypeMap map = type_map(kOpenvinoTypes, lower_case);
  const LayerClass layer_class = class_in(map, lower_case(type));
  return depthwise && layer_class == LayerClass::convolution ? LayerClass::depthwise_convolution : layer_class;
}

LayerClass class_of_pytorch_operator(std::string_view name, bool depthwise) {
  static const TypeMap map = type_map(kPytorchTypes, lower_case);
  const std::size_t space = name.rfind("::");
  std::string_view word = space == std::string_view::npos ? name : name.substr(space + 2);
  // Triton's kernels, which torch.compile writes for what it fused: "triton_poi_fused_relu_0".
  if (word.starts_with("triton_") && word.find("_fused_") != std::string_view::npos) return LayerClass::fused;
  if (name.starts_with("Torch-Compiled Region") || word == "CompiledFunction") return LayerClass::opaque;
  if (space == std::string_view::npos) return LayerClass::other;  // a range of the user's own
  while (word.starts_with('_')) word.remove_prefix(1);
  while (word.ends_with('_')) word.remove_suffix(1);
  const LayerClass layer_class = class_in(map, lower_case(word));
  return depthwise && layer_class == LayerClass::convolution ? LayerClass::depthwise_convolution : layer_class;
}

namespace {

LayerClass class_of_tensorrt_type(std::string_view text) {
  static const TypeMap map = type_map(kTensorrtTypes, lower_case);
  std::string spelling = lower_case(text);
  std::erase(spelling, '_');  // "TRIP_LIMIT" in NvInfer.h
  for (std::string_view type = spelling;;) {
    for (const std::string_view word : {type, without_version(type)}) {
      if (const auto found = map.find(std::string(word)); found != map.end()) {
        return found->second;
      }
    }
    const auto* const maker =
        std::ranges::find_if(kTensorrtMakers, [&](std::string_view name) { return type.starts_with(name); });
    if (maker == kTensorrtMakers.end()) {
      return LayerClass::other;
    }
    type.remove_prefix(maker->size());
  }
}

}  // namespace

LayerClass class_of_tensorrt_layer(std::string_view layer_type, std::string_view parameter_type, bool depthwise) {
  LayerClass layer_class = class_of_tensorrt_type(layer_type);
  if (layer_class == LayerClass::other) {
    layer_class = class_of_tensorrt_type(parameter_type);
  }
  return depthwise && layer_class == LayerClass::convolution ? LayerClass::depthwise_convolution : layer_class;
}

}  // namespace trtprof
