// Real exports of TensorRT 10.6 on an H200 (tests/data/tensorrt-10.6): MobileNetV2, 52 convolutions in fused layers.
#include "trtprof/cost/inspector_facts.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/facts.h"
#include "cost/networks.h"
#include "support/inspector_forms.h"
#include "test_paths.h"

namespace trtprof::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string read(const std::string& name) {
  std::ifstream file(std::string(kDataDir) + "/tensorrt-10.6/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<InspectorLayer> layers_of(const std::string& text) {
  auto layers = inspector_layers(text, "engine.json");
  EXPECT_TRUE(layers) << (layers ? "" : layers.error().message);
  return layers.value_or(std::vector<InspectorLayer>{});
}

struct Export {
  const char* file;
  std::int64_t batch;
  ElementType type;
};

class Inspector : public testing::TestWithParam<Export> {};

// The engine's layers: a reformat of the input, the 52 convolutions, the pooling, a no-op, a shape call, the
// classifier.
TEST_P(Inspector, CostsLayerByLayerWhatTheModelCosts) {
  const auto [file, batch, type] = GetParam();
  const auto layers = layers_of(read(file));
  const auto model = mobilenet_v2(batch, {type, type, type});
  ASSERT_EQ(layers.size(), 57U);
  ASSERT_EQ(model.size(), 54U);
  for (std::size_t i = 0; i < 53; ++i) {
    EXPECT_EQ(cost_of(layers[i + 1].facts), cost_of(model[i].facts)) << layers[i + 1].name;
  }
  EXPECT_EQ(layers.back().layer_type, "gemm");
  EXPECT_EQ(cost_of(layers.back().facts), cost_of(model.back().facts));
  CostTotals totals;
  for (const InspectorLayer& layer : layers) {
    add(totals, cost_of(layer.facts));
  }
  EXPECT_EQ(totals.unknown_operators, 0);
  EXPECT_DOUBLE_EQ(totals.macs, 300'774'272.0 * static_cast<double>(batch));
}

TEST_P(Inspector, CopiesAndNoOpsMoveWhatTheyMust) {
  const auto [file, batch, type] = GetParam();
  const auto layers = layers_of(read(file));
  ASSERT_EQ(layers.size(), 57U);
  const double picture = static_cast<double>(batch) * 3 * 224 * 224 * static_cast<double>(bits_of(type)) / 8.0;
  EXPECT_EQ(layers[0].layer_type, "Reformat");
  EXPECT_EQ(cost_of(layers[0].facts), (Cost{0.0, 0.0, picture, picture, 0.0, ""}));
  EXPECT_EQ(layers[54].layer_type, "NoOp");
  EXPECT_EQ(cost_of(layers[54].facts), (Cost{0.0, 0.0, 0.0, 0.0, 0.0, ""}));
  EXPECT_EQ(cost_of(layers[55].facts), (Cost{0.0, 0.0, 0.0, 0.0, 0.0, ""}));
}

TEST_P(Inspector, NamesTheNodesOfEveryLayer) {
  const auto layers = layers_of(read(GetParam().file));
  ASSERT_EQ(layers.size(), 57U);
  EXPECT_THAT(layers[0].onnx_nodes, testing::IsEmpty());
  EXPECT_THAT(layers[1].onnx_nodes,
              ElementsAre("/features/features.0/features.0.0/Conv", "/features/features.0/features.0.2/Clip"));
  EXPECT_THAT(layers.back().onnx_nodes, ElementsAre("/classifier/classifier.1/Gemm"));
}

// The migration guide's new form: "Format/Datatype" in two, "Bindings" as "I/O Tensors".
TEST_P(Inspector, ReadsTheFormOfTensorRt11Alike) {
  const std::string old_text = read(GetParam().file);
  const auto before = layers_of(old_text);
  const auto after = layers_of(in_the_form_of_11(old_text));
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(cost_of(after[i].facts), cost_of(before[i].facts)) << after[i].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Exports, Inspector,
                         testing::Values(Export{"mnv2_b1_fp16.inspector.json", 1, ElementType::f16},
                                         Export{"mnv2_b64_fp16.inspector.json", 64, ElementType::f16},
                                         Export{"mnv2_b64_fp32.inspector.json", 64, ElementType::f32},
                                         Export{"mnv2_b1_fp16_graph.layers.json", 1, ElementType::f16},
                                         Export{"mnv2_b64_fp16_stream_notransfer.layers.json", 64, ElementType::f16}),
                         [](const auto& test) {
                           std::string name = test.param.file;
                           name = name.substr(0, name.rfind(".json"));
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(InspectorText, NamesEveryType) {
  EXPECT_EQ(element_type_from_inspector("Half"), ElementType::f16);
  EXPECT_EQ(element_type_from_inspector("Float"), ElementType::f32);
  EXPECT_EQ(element_type_from_inspector("BFloat16"), ElementType::bf16);
  EXPECT_EQ(element_type_from_inspector("UInt8"), ElementType::u8);
  EXPECT_EQ(element_type_from_inspector("Channel major FP16 format where channel % 8 == 0"), ElementType::f16);
  EXPECT_EQ(element_type_from_inspector("Thirty-two wide channel vectorized row major Int8 format"), ElementType::i8);
  EXPECT_EQ(element_type_from_inspector("Row major linear FP32"), ElementType::f32);
  EXPECT_EQ(element_type_from_inspector("FP8"), ElementType::f8e4m3);
  EXPECT_EQ(element_type_from_inspector("FP4"), ElementType::unknown);
  EXPECT_EQ(element_type_from_inspector(""), ElementType::unknown);
}

TEST(InspectorText, ThatIsNotAnExportIsRefusedByName) {
  EXPECT_EQ(inspector_layers("{", "a.json").error().message, "a.json is not valid JSON");
  EXPECT_THAT(inspector_layers("[1]", "a.json").error().message, HasSubstr("a.json is not an engine inspector's JSON"));
  EXPECT_THAT(inspector_layers(R"({"Layers": 3})", "a.json").error().message, HasSubstr("Layers"));
}

TEST(InspectorText, WithNamesOnlyHasLayersOfUnknownCost) {
  const auto layers = layers_of(R"({"Layers": ["conv1", "relu1"], "Bindings": ["x"]})");
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].name, "conv1");
  EXPECT_THAT(cost_of(layers[0].facts).unknown_reason, HasSubstr("ProfilingVerbosity::kDETAILED"));
}

TEST(InspectorText, OfAnyShapeIsSurvived) {
  for (const char* text :
       {R"({"Layers": [null, 3, {}, {"Inputs": 4}, {"Inputs": [5, {}]}]})",
        R"({"Layers": [{"ParameterType": "Convolution"}, {"LayerType": "gemm", "Inputs": [{}, {}]}]})",
        R"({"Layers": [{"ParameterType": "Convolution", "Groups": 0, "Kernel": ["a"],
                               "Weights": {"Type": "Half", "Count": 3}, "Inputs": [{"Dimensions": [1, -1, 4]}]}]})",
        R"({"Layers": [{"Name": 7, "Metadata": "[ONNX Layer: "}], "Bindings": [7, {}]})"}) {
    for (const InspectorLayer& layer : layers_of(text)) {
      EXPECT_FALSE(cost_of(layer.facts).known()) << text;
    }
  }
}

// A Myelin kernel of which TensorRT tells the name, operands and ONNX nodes.
struct Opaque : testing::Test {
  std::string text = R"({"Layers": [{"Name": "__myl_ReluAdd_0", "LayerType": "kgen", "TacticName": "__myl_ReluAdd",
    "Inputs": [{"Name": "x", "Dimensions": [2, 8], "Format/Datatype": "Half"},
               {"Name": "__mye1_dconst", "Dimensions": [8], "Format/Datatype": "Half"}],
    "Outputs": [{"Name": "y", "Dimensions": [2, 8], "Format/Datatype": "Half"}],
    "Metadata": "[ONNX Layer: relu]\u001e[ONNX Layer: add[1]]"}], "Bindings": ["x", "y"]})";
  Graph graph;

  void SetUp() override {
    graph.inputs = {{"x", ElementType::f32, std::vector<Dimension>{{2, ""}, {8, ""}}}};
    graph.initializers = {{"c", ElementType::f32, std::vector<Dimension>{{8, ""}}}};
    graph.outputs = {{"y", ElementType::f32, std::vector<Dimension>{{2, ""}, {8, ""}}}};
    graph.nodes = {{"relu", "Relu", "", {"x"}, {"t"}, "", {}}, {"add[1]", "Add", "", {"t", "c"}, {"y"}, "", {}}};
  }
  [[nodiscard]] OnnxOperators operators() const {
    return {graph, tensor_table(graph, {{"t", ElementType::f32, std::vector<Dimension>{{2, ""}, {8, ""}}}})};
  }
};

TEST_F(Opaque, HasKnownBytesAndUnknownArithmetic) {
  const auto layers = layers_of(text);
  ASSERT_EQ(layers.size(), 1U);
  EXPECT_THAT(layers[0].onnx_nodes, ElementsAre("relu", "add[1]"));
  const Cost cost = cost_of(layers[0].facts);
  EXPECT_FALSE(cost.flops);
  EXPECT_DOUBLE_EQ(*cost.bytes_read, 2.0 * (16 + 8));
  EXPECT_DOUBLE_EQ(*cost.weight_bytes, 2.0 * 8);
  EXPECT_DOUBLE_EQ(*cost.bytes_written, 2.0 * 16);
}

TEST_F(Opaque, TakesItsArithmeticFromTheGraphAndKeepsItsBytes) {
  auto layers = layers_of(text);
  const Cost before = cost_of(layers.at(0).facts);
  const OnnxOperators nodes = operators();
  explain_opaque_layers(layers, nodes);
  const Cost after = cost_of(layers[0].facts);
  EXPECT_DOUBLE_EQ(*after.flops, 32.0);
  EXPECT_EQ(after.bytes_read, before.bytes_read);
  EXPECT_EQ(after.weight_bytes, before.weight_bytes);
  EXPECT_EQ(after.bytes_written, before.bytes_written);
}

TEST_F(Opaque, StaysUnknownWhereTwoLayersNameANode) {
  auto layers = layers_of(text);
  layers.push_back(layers[0]);
  const OnnxOperators nodes = operators();
  explain_opaque_layers(layers, nodes);
  EXPECT_FALSE(cost_of(layers[0].facts).flops);
}

}  // namespace
}  // namespace trtprof::test
