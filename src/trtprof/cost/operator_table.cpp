#include "trtprof/cost/operator_table.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace trtprof::counting {

namespace {

constexpr std::string_view kOnnx;                         // ""
constexpr std::string_view kMicrosoft = "com.microsoft";  // ONNX Runtime's own operators

constexpr std::string_view kSubgraphs = "its cost is that of the subgraphs it runs, as often as the data says";
constexpr std::string_view kSequence = "what a sequence or an optional costs to hand on is up to the engine";
constexpr std::string_view kText = "text has no fixed size";
constexpr std::string_view kGenerator = "the arithmetic of a random draw depends on the generator";
constexpr std::string_view kSort = "the comparisons of sorting depend on the data";

constexpr OperatorRow elementwise(std::string_view op, double flops, std::string_view domain = kOnnx) {
  return {domain, op, Movement::computed, count_linear, 0.0, flops, {}};
}
constexpr OperatorRow linear(std::string_view op, double per_input, double per_output) {
  return {kOnnx, op, Movement::computed, count_linear, per_input, per_output, {}};
}
constexpr OperatorRow moves(std::string_view op, std::uint32_t unread_inputs = 0) {
  return {kOnnx, op, Movement::computed, count_linear, 0.0, 0.0, {}, unread_inputs};
}
constexpr OperatorRow picks(std::string_view op) {
  return {kOnnx, op, Movement::picks, count_linear, 0.0, 0.0, {}};
}
constexpr OperatorRow renames(std::string_view op) {
  return {kOnnx, op, Movement::free, count_linear, 0.0, 0.0, {}};
}
constexpr OperatorRow counted(std::string_view op, Counter counter, double per_output = 0.0,
                              std::string_view domain = kOnnx) {
  return {domain, op, Movement::computed, counter, 0.0, per_output, {}};
}
constexpr OperatorRow unknowable(std::string_view op, std::string_view reason) {
  return {kOnnx, op, Movement::unknown, count_unknown, 0.0, 0.0, reason};
}
// The bytes are known, the arithmetic is not.
constexpr OperatorRow uncounted(std::string_view op, std::string_view reason, std::uint32_t unread_inputs = 0) {
  return {kOnnx, op, Movement::computed, count_unknown, 0.0, 0.0, reason, unread_inputs};
}

// FLOPs per element: one for each arithmetic operation, comparison, rounding or elementary function (exp, log, erf,
// tanh, ...) of the operator's definition. docs/cost.md says why.
std::vector<OperatorRow> elementwise_rows() {
  std::vector<OperatorRow> rows;
  for (const std::string_view op : {"Abs",        "Acos",
                                    "Acosh",      "Add",
                                    "And",        "Asin",
                                    "Asinh",      "Atan",
                                    "Atanh",      "BitShift",
                                    "BitwiseAnd", "BitwiseNot",
                                    "BitwiseOr",  "BitwiseXor",
                                    "Ceil",       "Cos",
                                    "Cosh",       "Div",
                                    "Equal",      "Erf",
                                    "Exp",        "Floor",
                                    "Greater",    "GreaterOrEqual",
                                    "IsInf",      "IsNaN",
                                    "Less",       "LessOrEqual",
                                    "Log",        "Mod",
                                    "Mul",        "Neg",
                                    "Not",        "Or",
                                    "Pow",        "Reciprocal",
                                    "Relu",       "Round",
                                    "Sign",       "Sin",
                                    "Sinh",       "Sqrt",
                                    "Sub",        "Tan",
                                    "Tanh",       "ThresholdedRelu",
                                    "Where",      "Xor"}) {
    rows.push_back(elementwise(op, 1.0));
  }
  for (const auto& [op, flops] : std::initializer_list<std::pair<std::string_view, double>>{
           {"Celu", 7},         // max(0, x) + min(0, a * (exp(x / a) - 1))
           {"Clip", 2},         // max, min
           {"Elu", 4},          // exp, - 1, * a, select
           {"HardSigmoid", 4},  // * a, + b, max, min
           {"HardSwish", 5},    // HardSigmoid, * x
           {"LeakyRelu", 2},    // * a, select
           {"Mish", 5},         // Softplus, tanh, * x
           {"PRelu", 2},        // * slope, select
           {"Selu", 5},         // Elu, * gamma
           {"Shrink", 3},       // two comparisons, - or + bias
           {"Sigmoid", 4},      // negate, exp, + 1, reciprocal
           {"Softplus", 3},     // exp, + 1, log
           {"Softsign", 3},     // |x|, + 1, /
           {"SwiGLU", 6},       // Swish, * b
           {"Swish", 5},        // Sigmoid, * x
           {"BlackmanWindow", 8},
           {"HammingWindow", 4},
           {"HannWindow", 4},
           {"Range", 2}}) {
    rows.push_back(elementwise(op, flops));
  }
  rows.push_back(counted("Gelu", count_gelu));
  rows.push_back(counted("Max", count_variadic));
  rows.push_back(counted("Mean", count_variadic, 1.0));
  rows.push_back(counted("Min", count_variadic));
  rows.push_back(counted("Sum", count_variadic));
  return rows;
}

// n values are summed with n - 1 additions, so n_in - n_out for the whole tensor.
std::vector<OperatorRow> reduction_rows() {
  return {
      linear("ArgMax", 1, -1),
      linear("ArgMin", 1, -1),
      linear("CumProd", 1, 0),
      linear("CumSum", 1, 0),
      linear("ReduceL1", 2, -1),        // |x|, sum
      linear("ReduceL2", 2, 0),         // x * x, sum, sqrt
      linear("ReduceLogSum", 1, 0),     // sum, log
      linear("ReduceLogSumExp", 2, 0),  // exp, sum, log
      linear("ReduceMax", 1, -1),
      linear("ReduceMean", 1, 0),  // sum, /
      linear("ReduceMin", 1, -1),
      linear("ReduceProd", 1, -1),
      linear("ReduceSum", 1, -1),
      linear("ReduceSumSquare", 2, -1),
      linear("NonZero", 1, 0),
      linear("TopK", 1, 0),  // at least one comparison each
      linear("Hardmax", 1, 0),
      linear("LogSoftmax", 5, 0),  // max, -, exp, sum, -
      linear("Softmax", 5, 0),     // max, -, exp, sum, /
      linear("SoftmaxCrossEntropyLoss", 5, 0),
      counted("NegativeLogLikelihoodLoss", count_negative_log_likelihood),
      counted("Det", count_determinant),
      uncounted("Unique", kSort),
      uncounted("NonMaxSuppression", "how many boxes it compares depends on the scores"),
  };
}

std::vector<OperatorRow> matrix_rows() {
  return {
      counted("Conv", count_convolution),
      counted("ConvInteger", count_convolution),
      counted("QLinearConv", count_quantized_convolution, 5.0),  // quantises its result, see QuantizeLinear
      counted("ConvTranspose", count_transposed_convolution),
      counted("DeformConv", count_deformable_convolution),
      counted("CausalConvWithState", count_causal_convolution),
      counted("MatMul", count_matmul),
      counted("MatMulInteger", count_matmul),
      counted("QLinearMatMul", count_quantized_matmul, 5.0),
      counted("Gemm", count_gemm),
      counted("Einsum", count_einsum),
      counted("AffineGrid", count_affine_grid),
      counted("RNN", count_recurrent, 1.0),    // FLOPs per hidden value and step: tanh
      counted("GRU", count_recurrent, 14.0),   // 2 sigmoids, tanh, r * h, (1 - z) * c + z * h
      counted("LSTM", count_recurrent, 18.0),  // 3 sigmoids, 2 tanh, f * c + i * g, o * tanh(c)
      counted("Attention", count_attention),
      counted("LinearAttention", count_linear_attention),
      counted("RotaryEmbedding", count_rotary_embedding),
      counted("FlexAttention", count_flex_attention, 0.0, "ai.onnx.preview"),
      counted("DFT", count_fourier_transform),
      counted("STFT", count_short_time_fourier_transform),
  };
}

std::vector<OperatorRow> normalization_rows() {
  return {
      counted("BatchNormalization", count_batch_normalization),
      counted("GroupNormalization", count_layer_normalization),
      counted("InstanceNormalization", count_layer_normalization),
      counted("LayerNormalization", count_layer_normalization),
      linear("RMSNormalization", 4, 0),           // x * x, sum, * 1/rms, * scale
      linear("LpNormalization", 3, 0),            // x * x or |x|, sum, /
      linear("MeanVarianceNormalization", 5, 0),  // sum, -, square, sum, /
      counted("LRN", count_local_response_normalization),
      counted("MaxPool", count_max_pool),
      counted("AveragePool", count_average_pool),
      counted("LpPool", count_lp_pool),
      linear("GlobalAveragePool", 1, 0),
      linear("GlobalLpPool", 2, 0),
      linear("GlobalMaxPool", 1, -1),
      uncounted("MaxRoiPool", "the size of its windows depends on the regions"),
      counted("RoiAlign", count_roi_align),
      counted("Resize", count_resize),
      counted("Upsample", count_resize),
      counted("GridSample", count_grid_sample),
      counted("QuantizeLinear", count_quantize),
      counted("DequantizeLinear", count_dequantize),
      linear("DynamicQuantizeLinear", 7, 0),  // min, max, and those of QuantizeLinear
  };
}

std::vector<OperatorRow> movement_rows() {
  std::vector<OperatorRow> rows;
  for (const std::string_view op :
       {"BitCast", "Constant", "Dropout", "Flatten", "Identity", "Reshape", "Shape", "Size", "Squeeze", "Unsqueeze"}) {
    rows.push_back(renames(op));
  }
  for (const std::string_view op :
       {"CenterCropPad", "Compress", "Gather", "GatherElements", "GatherND", "Pad", "Slice"}) {
    rows.push_back(picks(op));
  }
  for (const std::string_view op :
       {"Cast", "Concat", "ConstantOfShape", "DepthToSpace", "Expand", "MaxUnpool", "OneHot", "ReverseSequence",
        "SpaceToDepth", "Split", "TensorScatter", "Tile", "Transpose", "Trilu"}) {
    rows.push_back(moves(op));
  }
  rows.push_back(moves("CastLike", 0b10));
  rows.push_back(moves("EyeLike", 0b1));
  rows.push_back(linear("Col2Im", 1, 0));
  for (const std::string_view op : {"Scatter", "ScatterElements", "ScatterND"}) {
    rows.push_back(counted(op, count_scatter));
  }
  return rows;
}

std::vector<OperatorRow> unknown_rows() {
  std::vector<OperatorRow> rows;
  for (const std::string_view op : {"If", "Loop", "Scan", "SequenceMap"}) {
    rows.push_back(unknowable(op, kSubgraphs));
  }
  for (const std::string_view op :
       {"ConcatFromSequence", "Optional", "OptionalGetElement", "OptionalHasElement", "SequenceAt", "SequenceConstruct",
        "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "SplitToSequence"}) {
    rows.push_back(unknowable(op, kSequence));
  }
  for (const std::string_view op :
       {"RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit", "TfIdfVectorizer"}) {
    rows.push_back(unknowable(op, kText));
  }
  for (const std::string_view op : {"Bernoulli", "Multinomial", "RandomNormal", "RandomUniform"}) {
    rows.push_back(uncounted(op, kGenerator));
  }
  rows.push_back(uncounted("RandomNormalLike", kGenerator, 0b1));
  rows.push_back(uncounted("RandomUniformLike", kGenerator, 0b1));
  rows.push_back(uncounted("MelWeightMatrix", "how many weights it computes depends on the values of its inputs"));
  rows.push_back(unknowable("ImageDecoder", "what decoding costs depends on the picture"));
  return rows;
}

std::vector<OperatorRow> microsoft_rows() {
  return {
      elementwise("BiasGelu", 6, kMicrosoft),
      elementwise("FastGelu", 9, kMicrosoft),
      elementwise("Gelu", 5, kMicrosoft),
      elementwise("QuickGelu", 6, kMicrosoft),
      elementwise("QLinearAdd", 10, kMicrosoft),      // dequantise both (2 + 2), add, quantise (5)
      elementwise("QLinearMul", 10, kMicrosoft),      //
      elementwise("QLinearConcat", 7, kMicrosoft),    // dequantise, quantise
      elementwise("QLinearSigmoid", 11, kMicrosoft),  // dequantise, Sigmoid, quantise
      counted("Attention", count_ms_attention, 0.0, kMicrosoft),
      counted("DequantizeLinear", count_dequantize, 0.0, kMicrosoft),
      counted("FusedConv", count_convolution, 1.0, kMicrosoft),  // its activation, a Relu as a rule
      counted("FusedGemm", count_gemm, 1.0, kMicrosoft),
      counted("FusedMatMul", count_matmul, 0.0, kMicrosoft),
      counted("GroupQueryAttention", count_ms_group_query_attention, 0.0, kMicrosoft),
      counted("MatMulIntegerToFloat", count_matmul, 1.0, kMicrosoft),
      counted("MatMulNBits", count_block_quantized_matmul, 0.0, kMicrosoft),
      counted("MultiHeadAttention", count_ms_multi_head_attention, 0.0, kMicrosoft),
      counted("QuantizeLinear", count_quantize, 0.0, kMicrosoft),
      counted("RotaryEmbedding", count_rotary_embedding, 0.0, kMicrosoft),
      elementwise("SkipLayerNormalization", 8, kMicrosoft),
      elementwise("SkipSimplifiedLayerNormalization", 5, kMicrosoft),
      // ONNX Runtime puts this one into the default domain.
      linear("SimplifiedLayerNormalization", 4, 0),
  };
}

std::string key_of(std::string_view domain, std::string_view op_type) {
  return std::string(domain == "ai.onnx" ? kOnnx : domain) + "::" + std::string(op_type);
}

std::unordered_map<std::string, const OperatorRow*> make_index() {
  std::unordered_map<std::string, const OperatorRow*> index;
  for (const OperatorRow& row : operator_table()) {
    index.emplace(key_of(row.domain, row.op_type), &row);
  }
  return index;
}

bool moves_only_unit_dimensions(const OperatorFacts& facts) {
  const Dims* shape = input_shape(facts, 0);
  const auto found = facts.attributes.find("perm");
  const auto* perm = found == facts.attributes.end() ? nullptr : std::get_if<std::vector<std::int64_t>>(&found->second);
  if (shape == nullptr || perm == nullptr || perm->size() != shape->size()) {
    return false;
  }
  std::int64_t last = -1;
  for (const std::int64_t axis : *perm) {
    if (axis < 0 || static_cast<std::size_t>(axis) >= shape->size()) {
      return false;
    }
    if ((*shape)[static_cast<std::size_t>(axis)] == 1) {
      continue;
    }
    if (axis < last) {
      return false;
    }
    last = axis;
  }
  return true;
}

}  // namespace

const std::vector<OperatorRow>& operator_table() {
  static const std::vector<OperatorRow> table = [] {
    std::vector<OperatorRow> rows;
    for (const auto& part : {elementwise_rows(), reduction_rows(), matrix_rows(), normalization_rows(), movement_rows(),
                             unknown_rows(), microsoft_rows()}) {
      rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
  }();
  return table;
}

const OperatorRow* find_row(std::string_view domain, std::string_view op_type) {
  static const auto index = make_index();
  static const OperatorRow engine_kernel{kEngineDomain,
                                         {},
                                         Movement::computed,
                                         count_unknown,
                                         0.0,
                                         0.0,
                                         "the engine does not say what this kernel of its own computes"};
  if (domain == kEngineDomain) {
    return &engine_kernel;
  }
  const auto found = index.find(key_of(domain, op_type));
  return found == index.end() ? nullptr : found->second;
}

Movement movement_of(const OperatorFacts& facts, const OperatorRow& row) {
  if (row.op_type == "Transpose" && moves_only_unit_dimensions(facts)) {
    return Movement::free;
  }
  if (row.count == count_resize && text_attribute(facts, "mode", "nearest") == "nearest") {
    return Movement::picks;
  }
  return row.movement;
}

}  // namespace trtprof::counting
