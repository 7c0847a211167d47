#include "trtprof/profile/layer_class.h"

#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/text.h"

namespace trtprof {
namespace {

using ::testing::Contains;

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Operators that say nothing about what the machine does: `other` on purpose.
const std::set<std::string> kOnnxOthers = {"AffineGrid",
                                           "Bernoulli",
                                           "BlackmanWindow",
                                           "DFT",
                                           "Det",
                                           "HammingWindow",
                                           "HannWindow",
                                           "ImageDecoder",
                                           "MelWeightMatrix",
                                           "Multinomial",
                                           "NegativeLogLikelihoodLoss",
                                           "OneHot",
                                           "Optional",
                                           "OptionalGetElement",
                                           "OptionalHasElement",
                                           "RandomNormal",
                                           "RandomNormalLike",
                                           "RandomUniform",
                                           "RandomUniformLike",
                                           "RegexFullMatch",
                                           "STFT",
                                           "SequenceAt",
                                           "SequenceConstruct",
                                           "SequenceEmpty",
                                           "SequenceErase",
                                           "SequenceInsert",
                                           "SequenceLength",
                                           "Shape",
                                           "Size",
                                           "SoftmaxCrossEntropyLoss",
                                           "StringConcat",
                                           "StringNormalizer",
                                           "StringSplit",
                                           "TfIdfVectorizer"};

const std::set<std::string> kOpenvinoOthers = {"Bucketize",
                                               "CTCGreedyDecoder",
                                               "CTCGreedyDecoderSeqLen",
                                               "CTCLoss",
                                               "ColorConvert",
                                               "DFT",
                                               "DetectionOutput",
                                               "ExperimentalDetectronDetectionOutput",
                                               "ExperimentalDetectronGenerateProposalsSingleImage",
                                               "ExperimentalDetectronPriorGridGenerator",
                                               "GenerateProposals",
                                               "I420toBGR",
                                               "I420toRGB",
                                               "IDFT",
                                               "IRDFT",
                                               "ISTFT",
                                               "Inverse",
                                               "Multinomial",
                                               "NV12toBGR",
                                               "NV12toRGB",
                                               "Ngram",
                                               "OneHot",
                                               "PriorBox",
                                               "PriorBoxClustered",
                                               "Proposal",
                                               "RDFT",
                                               "RandomUniform",
                                               "RegionYolo",
                                               "STFT",
                                               "ShapeOf",
                                               "SparseFillEmptyRows",
                                               "StringTensorPack",
                                               "StringTensorUnpack",
                                               "Unknown"};

TEST(LayerClassNames, ReadBackAndFitTheTypeColumn) {
  std::set<std::string_view> identifiers;
  std::set<std::string_view> displays;
  for (const LayerClass layer_class : all_layer_classes()) {
    EXPECT_EQ(layer_class_from_string(to_string(layer_class)), layer_class);
    EXPECT_LE(display_width(display_name(layer_class)), 14U) << display_name(layer_class);
    identifiers.insert(to_string(layer_class));
    displays.insert(display_name(layer_class));
  }
  EXPECT_EQ(identifiers.size(), all_layer_classes().size());
  EXPECT_EQ(displays.size(), all_layer_classes().size());
  EXPECT_EQ(layer_class_from_string("convolution"), std::nullopt);
  EXPECT_EQ(layer_class_from_string(""), std::nullopt);
}

TEST(LayerClassNames, AreThoseOfTheGuide) {
  EXPECT_EQ(display_name(LayerClass::convolution), "Convolution");
  EXPECT_EQ(display_name(LayerClass::scale), "Scale");
  EXPECT_EQ(display_name(LayerClass::activation), "Activation");
  EXPECT_EQ(display_name(LayerClass::pooling), "Pooling");
  EXPECT_EQ(display_name(LayerClass::fully_connected), "FullyConnected");
}

TEST(ClassOfOnnxOp, KnowsEveryOperatorOfTheDefaultDomainOrSaysWhichItDoesNot) {
  const std::vector<std::string> operators = words(test::test_data("onnx_operators.txt"));
  ASSERT_GT(operators.size(), 190U);
  for (const std::string& op : operators) {
    EXPECT_EQ(class_of_onnx_op(op) == LayerClass::other, kOnnxOthers.contains(op)) << op;
  }
  for (const std::string& op : kOnnxOthers) {
    EXPECT_THAT(operators, Contains(op));
  }
}

TEST(ClassOfOnnxOp, ListOfOperatorsIsThatOfTheInstalledOnnx) {
  const test::ProgramResult listed = test::run_program(
      {test::kPython, "-c",
       "import onnx.defs\n"
       "print(*sorted({s.name for s in onnx.defs.get_all_schemas_with_history() if s.domain == ''}), sep='\\n')"});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_EQ(listed.out, test::test_data("onnx_operators.txt"))
      << "give each new operator a class, then renew tests/data/onnx_operators.txt";
}

TEST(ClassOfOnnxOp, PutsOperatorsWhereTheGuideDoes) {
  EXPECT_EQ(class_of_onnx_op("Conv"), LayerClass::convolution);
  EXPECT_EQ(class_of_onnx_op("BatchNormalization"), LayerClass::scale);
  EXPECT_EQ(class_of_onnx_op("Relu"), LayerClass::activation);
  EXPECT_EQ(class_of_onnx_op("HardSwish"), LayerClass::activation);
  EXPECT_EQ(class_of_onnx_op("Clip"), LayerClass::activation);
  EXPECT_EQ(class_of_onnx_op("GlobalAveragePool"), LayerClass::pooling);
  EXPECT_EQ(class_of_onnx_op("Gemm"), LayerClass::fully_connected);
  EXPECT_EQ(class_of_onnx_op("MatMul"), LayerClass::matmul);
  EXPECT_EQ(class_of_onnx_op("Transpose"), LayerClass::shuffle);
  EXPECT_EQ(class_of_onnx_op("QuantizeLinear"), LayerClass::quantize);
}

TEST(ClassOfOnnxOp, KnowsOperatorsThatOnnxRuntimeWrites) {
  EXPECT_EQ(class_of_onnx_op("FusedConv"), LayerClass::convolution);
  EXPECT_EQ(class_of_onnx_op("MatMulNBits"), LayerClass::fully_connected);
  EXPECT_EQ(class_of_onnx_op("SkipLayerNormalization"), LayerClass::normalization);
  EXPECT_EQ(class_of_onnx_op("GroupQueryAttention"), LayerClass::attention);
  EXPECT_EQ(class_of_onnx_op("FastGelu"), LayerClass::activation);
  EXPECT_EQ(class_of_onnx_op("EPContext"), LayerClass::opaque);
}

TEST(ClassOfOnnxOp, IsOtherForWhatItDoesNotKnow) {
  EXPECT_EQ(class_of_onnx_op("NoSuchOperator"), LayerClass::other);
  EXPECT_EQ(class_of_onnx_op("conv"), LayerClass::other) << "ONNX operator types are case-sensitive";
  EXPECT_EQ(class_of_onnx_op(""), LayerClass::other);
}

TEST(ClassOfOpenvinoType, KnowsEveryTypeOfTheCpuPluginOrSaysWhichItDoesNot) {
  const std::vector<std::string> types = words(test::test_data("openvino_cpu_types.txt"));
  ASSERT_GT(types.size(), 250U);
  for (const std::string& type : types) {
    EXPECT_EQ(class_of_openvino_type(type, false) == LayerClass::other, kOpenvinoOthers.contains(type)) << type;
  }
  for (const std::string& type : kOpenvinoOthers) {
    EXPECT_THAT(types, Contains(type));
  }
}

TEST(ClassOfOpenvinoType, TakesBothSpellings) {
  EXPECT_EQ(class_of_openvino_type("MaxPool", false), LayerClass::pooling);
  EXPECT_EQ(class_of_openvino_type("Pooling", false), LayerClass::pooling);
  EXPECT_EQ(class_of_openvino_type("ConvolutionBackpropData", false), LayerClass::deconvolution);
  EXPECT_EQ(class_of_openvino_type("Deconvolution", false), LayerClass::deconvolution);
  EXPECT_EQ(class_of_openvino_type("Concat", false), LayerClass::concatenation);
  EXPECT_EQ(class_of_openvino_type("Concatenation", false), LayerClass::concatenation);
  EXPECT_EQ(class_of_openvino_type("Parameter", false), LayerClass::input_output);
  EXPECT_EQ(class_of_openvino_type("Input", false), LayerClass::input_output);
  EXPECT_EQ(class_of_openvino_type("HSwish", false), LayerClass::activation);
  EXPECT_EQ(class_of_openvino_type("Eltwise", false), LayerClass::elementwise);
  EXPECT_EQ(class_of_openvino_type("LRN", false), class_of_openvino_type("Lrn", false));
}

TEST(ClassOfOpenvinoType, TellsEnginesOwnLayersFromTheModels) {
  EXPECT_EQ(class_of_openvino_type("Reorder", false), LayerClass::reformat);
  EXPECT_EQ(class_of_openvino_type("Convert", false), LayerClass::cast);
  EXPECT_EQ(class_of_openvino_type("Subgraph", false), LayerClass::fused);
}

TEST(ClassOfOpenvinoType, DepthwiseAppliesToConvolutionsOnly) {
  EXPECT_EQ(class_of_openvino_type("GroupConvolution", false), LayerClass::convolution);
  EXPECT_EQ(class_of_openvino_type("GroupConvolution", true), LayerClass::depthwise_convolution);
  EXPECT_EQ(class_of_openvino_type("Convolution", true), LayerClass::depthwise_convolution);
  EXPECT_EQ(class_of_openvino_type("GroupConvolutionBackpropData", true), LayerClass::deconvolution);
  EXPECT_EQ(class_of_openvino_type("Softmax", true), LayerClass::softmax);
}

TEST(ClassOfOpenvinoType, IsOtherForWhatItDoesNotKnow) {
  EXPECT_EQ(class_of_openvino_type("NoSuchType", false), LayerClass::other);
  EXPECT_EQ(class_of_openvino_type("", true), LayerClass::other);
}

LayerClass of_tensorrt(std::string_view layer_type, std::string_view parameter_type = "", bool depthwise = false) {
  return class_of_tensorrt_layer(layer_type, parameter_type, depthwise);
}

TEST(ClassOfTensorrtLayer, KnowsWhatTheRecordedEnginesHave) {
  EXPECT_EQ(of_tensorrt("CaskConvolution", "Convolution"), LayerClass::convolution);
  EXPECT_EQ(of_tensorrt("CaskGemmConvolution", "Convolution"), LayerClass::convolution);
  EXPECT_EQ(of_tensorrt("CaskPooling", "Pooling"), LayerClass::pooling);
  EXPECT_EQ(of_tensorrt("Reformat", "Reformat"), LayerClass::reformat);
  EXPECT_EQ(of_tensorrt("NoOp"), LayerClass::reformat);
  EXPECT_EQ(of_tensorrt("gemm"), LayerClass::matmul);
  EXPECT_EQ(of_tensorrt("shape_call"), LayerClass::other) << "arithmetic on dimensions, on the host";
}

TEST(ClassOfTensorrtLayer, KnowsEveryLayerTypeOfNvInferOrSaysWhichItDoesNot) {
  const std::vector<std::string> enumerators = words(
      "CONVOLUTION CAST ACTIVATION POOLING LRN SCALE SOFTMAX DECONVOLUTION CONCATENATION ELEMENTWISE PLUGIN UNARY "
      "PADDING SHUFFLE REDUCE TOPK GATHER MATRIX_MULTIPLY RAGGED_SOFTMAX CONSTANT IDENTITY PLUGIN_V2 SLICE SHAPE "
      "PARAMETRIC_RELU RESIZE TRIP_LIMIT RECURRENCE ITERATOR LOOP_OUTPUT SELECT FILL QUANTIZE DEQUANTIZE CONDITION "
      "CONDITIONAL_INPUT CONDITIONAL_OUTPUT SCATTER EINSUM ASSERTION ONE_HOT NON_ZERO GRID_SAMPLE NMS "
      "REVERSE_SEQUENCE NORMALIZATION PLUGIN_V3 SQUEEZE UNSQUEEZE CUMULATIVE DYNAMIC_QUANTIZE ATTENTION_INPUT "
      "ATTENTION_OUTPUT ROTARY_EMBEDDING KVCACHE_UPDATE MOE DIST_COLLECTIVE");
  ASSERT_EQ(enumerators.size(), 57U);
  const std::set<std::string> others = {"SHAPE", "ASSERTION", "ONE_HOT", "DIST_COLLECTIVE"};
  for (const std::string& type : enumerators) {
    EXPECT_EQ(of_tensorrt(type) == LayerClass::other, others.contains(type)) << type;
  }
}

TEST(ClassOfTensorrtLayer, LooksBehindMakersAndVersions) {
  EXPECT_EQ(of_tensorrt("CudaDepthwiseConvolution", "Convolution"), LayerClass::convolution);
  EXPECT_EQ(of_tensorrt("CudnnConvolution", "Convolution"), LayerClass::convolution);
  EXPECT_EQ(of_tensorrt("FusedConvActConvolution", "Convolution"), LayerClass::convolution);
  EXPECT_EQ(of_tensorrt("CaskGemmMatrixMultiply", "MatrixMultiply"), LayerClass::matmul);
  EXPECT_EQ(of_tensorrt("CaskSoftMaxV2", "SoftMax"), LayerClass::softmax);
  EXPECT_EQ(of_tensorrt("PointWiseV2", "PointWise"), LayerClass::fused);
  EXPECT_EQ(of_tensorrt("ElementWise"), LayerClass::elementwise);
}

TEST(ClassOfTensorrtLayer, TellsADeconvolutionFromTheConvolutionOfItsParameters) {
  EXPECT_EQ(of_tensorrt("CaskDeconvolutionV2", "Convolution"), LayerClass::deconvolution);
}

TEST(ClassOfTensorrtLayer, GoesByTheParametersWhereTheTypeIsNew) {
  EXPECT_EQ(of_tensorrt("QuantumConvolver", "Convolution"), LayerClass::convolution);
  EXPECT_EQ(of_tensorrt("QuantumConvolver", "Convolution", true), LayerClass::depthwise_convolution);
  EXPECT_EQ(of_tensorrt("QuantumConvolver"), LayerClass::other);
}

TEST(ClassOfTensorrtLayer, KnowsPluginsAndMyelin) {
  EXPECT_EQ(of_tensorrt("PluginV2DynamicExt", "PluginV2"), LayerClass::plugin);
  EXPECT_EQ(of_tensorrt("PluginV3"), LayerClass::plugin);
  EXPECT_EQ(of_tensorrt("Myelin"), LayerClass::opaque);
  EXPECT_EQ(of_tensorrt("ForeignNode"), LayerClass::opaque);
  EXPECT_EQ(of_tensorrt("kgen"), LayerClass::fused);
}

TEST(ClassOfTensorrtLayer, DepthwiseAppliesToConvolutionsOnly) {
  EXPECT_EQ(of_tensorrt("CaskConvolution", "Convolution", true), LayerClass::depthwise_convolution);
  EXPECT_EQ(of_tensorrt("CaskPooling", "Pooling", true), LayerClass::pooling);
}

TEST(ClassOfTensorrtLayer, IsOtherForWhatItDoesNotKnow) {
  EXPECT_EQ(of_tensorrt(""), LayerClass::other);
  EXPECT_EQ(of_tensorrt("Cask"), LayerClass::other) << "a maker alone is no layer";
  EXPECT_EQ(of_tensorrt("v2"), LayerClass::other);
  EXPECT_EQ(of_tensorrt("signal"), LayerClass::other) << "streams waiting for each other";
}

TEST(PytorchOperators, HaveClassesWhateverSurroundsTheirWord) {
  EXPECT_EQ(class_of_pytorch_operator("aten::conv2d", false), LayerClass::convolution);
  EXPECT_EQ(class_of_pytorch_operator("aten::_convolution", true), LayerClass::depthwise_convolution);
  EXPECT_EQ(class_of_pytorch_operator("aten::add_", false), LayerClass::elementwise);
  EXPECT_EQ(class_of_pytorch_operator("aten::_softmax", false), LayerClass::softmax);
  EXPECT_EQ(class_of_pytorch_operator("quantized::linear", false), LayerClass::fully_connected);
  EXPECT_EQ(class_of_pytorch_operator("torchvision::nms", false), LayerClass::topk);
  EXPECT_EQ(class_of_pytorch_operator("aten::scaled_dot_product_attention", false), LayerClass::attention);
  EXPECT_EQ(class_of_pytorch_operator("aten::linear", true), LayerClass::fully_connected);
}

TEST(PytorchOperators, OfCompiledCodeAreFusedOrOpaque) {
  EXPECT_EQ(class_of_pytorch_operator("triton_poi_fused_relu_0", false), LayerClass::fused);
  EXPECT_EQ(class_of_pytorch_operator("Torch-Compiled Region: 0/0", false), LayerClass::opaque);
  EXPECT_EQ(class_of_pytorch_operator("my::operator", false), LayerClass::other);
  EXPECT_EQ(class_of_pytorch_operator("linear", false), LayerClass::other);  // a range of the user's own
}

TEST(OnnxRuntimeOperators, ThatItPutsInAreReformats) {
  for (const char* type : {"ReorderInput", "ReorderOutput", "MemcpyFromHost", "MemcpyToHost"}) {
    EXPECT_EQ(class_of_onnx_op(type), LayerClass::reformat) << type;
  }
}

}  // namespace
}  // namespace trtprof
