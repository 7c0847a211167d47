// Real exports of TensorRT 10.6 on an H200 (tests/data/tensorrt-10.6): MobileNetV2, 52 convolutions in fused layers.
#include "trtprof/profile/engine_inspector.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/inspector_forms.h"

namespace trtprof::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

InspectedEngine parse(const std::string& text) {
  auto engine = parse_engine_inspector(text, "engine.json");
  EXPECT_TRUE(engine) << (engine ? "" : engine.error().message);
  return engine.value_or(InspectedEngine{});
}

InspectedEngine recorded(const std::string& name) {
  return parse(test_data("tensorrt-10.6/" + name));
}

TEST(EngineInspector, TellsAConvolutionInFull) {
  const InspectedEngine engine = recorded("mnv2_b64_fp16_stream_notransfer.layers.json");
  ASSERT_EQ(engine.layers.size(), 57U);
  const InspectedLayer& layer = engine.layers[1];
  EXPECT_EQ(layer.name, "/features/features.0/features.0.0/Conv + /features/features.0/features.0.2/Clip");
  EXPECT_EQ(layer.layer_type, "CaskConvolution");
  EXPECT_EQ(layer.parameter_type, "Convolution");
  EXPECT_THAT(layer.tactic_name, testing::StartsWith("sm90_xmma_fprop_image_first_layer_f16f16"));
  EXPECT_EQ(layer.tactic_value, "0xa3d36ebbf44587f8");
  EXPECT_EQ(layer.stream, 0);
  EXPECT_THAT(layer.onnx_nodes,
              ElementsAre("/features/features.0/features.0.0/Conv", "/features/features.0/features.0.2/Clip"));
  EXPECT_THAT(layer.parameters.kernel, ElementsAre(3, 3));
  EXPECT_THAT(layer.parameters.strides, ElementsAre(2, 2));
  EXPECT_THAT(layer.parameters.dilations, ElementsAre(1, 1));
  EXPECT_EQ(layer.parameters.out_maps, 32);
  EXPECT_EQ(layer.parameters.groups, 1);
  ASSERT_TRUE(layer.parameters.weights);
  EXPECT_EQ(layer.parameters.weights->type, ElementType::f16);
  EXPECT_EQ(layer.parameters.weights->count, 864);
  EXPECT_EQ(layer.parameters.activation, "CLIPPED_RELU");
  EXPECT_TRUE(layer.detailed);
}

TEST(EngineInspector, TellsTensorsWithTheirLayout) {
  const InspectedEngine engine = recorded("mnv2_b64_fp16_stream_notransfer.layers.json");
  ASSERT_EQ(engine.layers.size(), 57U);
  ASSERT_EQ(engine.layers[0].inputs.size(), 1U);
  ASSERT_EQ(engine.layers[0].outputs.size(), 1U);
  EXPECT_EQ(to_tensor_desc(engine.layers[0].inputs[0]),
            (TensorDesc{"input", "f16", {64, 3, 224, 224}, "Row major linear FP16 format", 64ULL * 3 * 224 * 224 * 2}));
  EXPECT_EQ(engine.layers[0].outputs[0].layout, "Channel major FP16 format where channel % 4 == 0");
}

// These recordings were made without an execution context: "Half" of a tensor that the tactic reads channel-major.
TEST(EngineInspector, TakesATypeAloneForNoLayout) {
  const InspectedEngine engine = recorded("mnv2_b64_fp16.inspector.json");
  ASSERT_EQ(engine.layers.size(), 57U);
  EXPECT_THAT(engine.layers[1].tactic_name, HasSubstr("nhwc"));
  EXPECT_EQ(engine.layers[1].inputs[0].type, ElementType::f16);
  EXPECT_EQ(engine.layers[1].inputs[0].layout, "");
}

TEST(EngineInspector, TellsDepthwiseConvolutionsByTheirGroups) {
  for (const char* file :
       {"mnv2_b1_fp16.inspector.json", "mnv2_b64_fp16.inspector.json", "mnv2_b64_fp32.inspector.json",
        "mnv2_b1_fp16_graph.layers.json", "mnv2_b64_fp16_stream_notransfer.layers.json"}) {
    const InspectedEngine engine = recorded(file);
    EXPECT_EQ(std::ranges::count_if(engine.layers, is_depthwise_convolution), 17) << file;
  }
}

TEST(EngineInspector, KnowsWeightsThatMyelinListsAsInputs) {
  const InspectedEngine engine = recorded("mnv2_b1_fp16.inspector.json");
  const InspectedLayer& gemm = engine.layers.back();
  EXPECT_EQ(gemm.layer_type, "gemm");
  std::vector<bool> constant;
  for (const InspectedTensor& tensor : gemm.inputs) constant.push_back(tensor.constant);
  EXPECT_THAT(constant, ElementsAre(false, true, true, true, true));
  EXPECT_FALSE(engine.layers.front().inputs.front().constant) << "an input of the engine";
}

TEST(EngineInspector, ListsTheBindingsOfBothForms) {
  const std::string text = test_data("tensorrt-10.6/mnv2_b1_fp16_graph.layers.json");
  const InspectedEngine ten = parse(text);
  ASSERT_EQ(ten.bindings.size(), 2U);
  EXPECT_EQ(ten.bindings[0].tensor.name, "input");
  EXPECT_EQ(ten.bindings[0].io, InspectedIo::not_told);
  EXPECT_EQ(ten.bindings[0].tensor.shape, std::nullopt);
  const InspectedEngine eleven = parse(in_the_form_of_11(text));
  ASSERT_EQ(eleven.bindings.size(), 2U);
  EXPECT_EQ(eleven.bindings[0].io, InspectedIo::input);
  EXPECT_EQ(eleven.bindings[1].io, InspectedIo::output);
  EXPECT_EQ(eleven.bindings[1].tensor.name, "logits");
  EXPECT_THAT(eleven.bindings[1].tensor.shape.value(), ElementsAre(1, 1000));
  EXPECT_EQ(eleven.bindings[1].tensor.type, ElementType::f16);
}

TEST(EngineInspector, ReadsTheLayersOfBothFormsAlike) {
  const std::string text = test_data("tensorrt-10.6/mnv2_b1_fp16_graph.layers.json");
  const InspectedEngine ten = parse(text);
  const InspectedEngine eleven = parse(in_the_form_of_11(text));
  ASSERT_EQ(ten.layers.size(), eleven.layers.size());
  for (std::size_t i = 0; i < ten.layers.size(); ++i) {
    const InspectedLayer& a = ten.layers[i];
    const InspectedLayer& b = eleven.layers[i];
    EXPECT_EQ(a.name, b.name);
    for (const auto& [left, right] : {std::pair{&a.inputs, &b.inputs}, std::pair{&a.outputs, &b.outputs}}) {
      ASSERT_EQ(left->size(), right->size()) << a.name;
      for (std::size_t t = 0; t < left->size(); ++t) {
        EXPECT_EQ(to_tensor_desc((*left)[t]), to_tensor_desc((*right)[t])) << a.name;
        EXPECT_EQ((*left)[t].constant, (*right)[t].constant) << a.name;
      }
    }
  }
}

TEST(EngineInspector, SplitsMetadataAtBothSeparatorsAndKeepsBracketsOfNames) {
  const InspectedEngine engine = parse(R"({"Layers": [{"Name": "l", "LayerType": "kgen",
    "Metadata": "[ONNX Layer: add[1]]\u001f[ONNX Layer: b]\u001e[ONNX Layer: b][ONNX Layer: d]"}]})");
  ASSERT_EQ(engine.layers.size(), 1U);
  EXPECT_THAT(engine.layers[0].onnx_nodes, ElementsAre("add[1]", "b", "d"));
}

TEST(EngineInspector, AcceptsNamesOnly) {
  const InspectedEngine engine = parse(R"({"Layers": ["conv1", "relu1"], "Bindings": ["x"]})");
  ASSERT_EQ(engine.layers.size(), 2U);
  EXPECT_EQ(engine.layers[1].name, "relu1");
  EXPECT_FALSE(engine.layers[1].detailed);
}

TEST(EngineInspector, ReadsAReluOfOlderEngines) {
  const InspectedEngine engine =
      parse(R"({"Layers": [{"Name": "c", "HasReLU": 1}, {"Name": "d", "HasReLU": 1, "Activation": "NONE"}]})");
  EXPECT_EQ(engine.layers.at(0).parameters.activation, "RELU");
  EXPECT_EQ(engine.layers.at(1).parameters.activation, "RELU");
}

TEST(EngineInspector, RefusesWhatIsNoExportByName) {
  EXPECT_EQ(parse_engine_inspector("{", "a.json").error().message, "a.json is not valid JSON");
  EXPECT_EQ(parse_engine_inspector("\"\xff\"", "a.json").error().message, "a.json is not valid JSON");
  EXPECT_THAT(parse_engine_inspector("[1]", "a.json").error().message,
              HasSubstr("a.json is not an engine inspector's JSON"));
}

TEST(EngineInspector, SurvivesAnyShape) {
  for (const char* text :
       {R"({"Layers": [null, 3, {}, {"Inputs": 4}, {"Inputs": [5, {}]}]})",
        R"({"Layers": [{"Groups": -3, "Kernel": ["a"], "Weights": {"Count": -1}, "Inputs": [{"Dimensions": [1e9]}]}]})",
        R"({"Layers": [{"Name": 7, "Metadata": "[ONNX Layer: "}], "Bindings": [7, {}], "I/O Tensors": 4})"}) {
    for (const InspectedLayer& layer : parse(text).layers) {
      EXPECT_FALSE(is_depthwise_convolution(layer));
      EXPECT_GE(layer.parameters.groups, 1);
      EXPECT_THAT(layer.onnx_nodes, IsEmpty());
    }
  }
}

TEST(InspectedTensors, HaveNoSizeWhereAShapeOrTypeIsNotKnown) {
  EXPECT_EQ(to_tensor_desc({"x", std::vector<std::int64_t>{-1, 3}, ElementType::f16, "", false}).bytes, std::nullopt);
  EXPECT_EQ(to_tensor_desc({"x", std::nullopt, ElementType::f16, "", false}).bytes, std::nullopt);
  EXPECT_EQ(to_tensor_desc({"x", std::vector<std::int64_t>{3}, ElementType::unknown, "", false}).bytes, std::nullopt);
  EXPECT_EQ(to_tensor_desc({"x", std::vector<std::int64_t>{3}, ElementType::unknown, "", false}).element_type, "");
  EXPECT_EQ(to_tensor_desc({"x", std::vector<std::int64_t>{3}, ElementType::i4, "", false}).bytes, 2U);
  EXPECT_EQ(to_tensor_desc({"x", std::vector<std::int64_t>{}, ElementType::f32, "", false}).bytes, 4U);
}

TEST(InspectorTypes, AreFoundInTheWordsOfFormats) {
  EXPECT_EQ(element_type_from_inspector("UInt16"), ElementType::u16);
  EXPECT_EQ(element_type_from_inspector("UInt32"), ElementType::u32);
  EXPECT_EQ(element_type_from_inspector("UInt64"), ElementType::u64);
  EXPECT_EQ(element_type_from_inspector("Int4"), ElementType::i4);
  EXPECT_EQ(element_type_from_inspector("Row major linear BOOL"), ElementType::boolean);
  EXPECT_EQ(element_type_from_inspector("Channel major BFloat16 format where channel % 8 == 0"), ElementType::bf16);
  EXPECT_EQ(element_type_from_inspector("FloatComplex"), ElementType::unknown);
}

}  // namespace
}  // namespace trtprof::test
