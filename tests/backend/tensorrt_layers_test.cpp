// Engines of TensorRT 10.6 recorded on an H200 (tests/data/tensorrt-10.6), joined in full.
#include "trtprof/backend/tensorrt_layers.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/golden.h"
#include "support/inspector_forms.h"
#include "support/torchvision_mobilenetv2.h"
#include "trtprof/base/tensor.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Layer> layers_of(const std::string& json, const Graph& graph = {}) {
  auto layers = tensorrt_layers(json, graph, "engine");
  EXPECT_TRUE(layers) << (layers ? "" : layers.error().message);
  return layers.value_or(std::vector<Layer>{});
}

std::vector<std::string> names_of(const std::vector<OriginNode>& nodes) {
  std::vector<std::string> names;
  for (const OriginNode& node : nodes) names.push_back(node.name);
  return names;
}

std::vector<std::string> names_of(const std::vector<Layer>& layers) {
  std::vector<std::string> names;
  for (const Layer& layer : layers) names.push_back(layer.name);
  return names;
}

// trtexec's --exportProfile, or what our own IProfiler was given, one name a line.
std::vector<std::string> reported_names(const std::string& file) {
  const std::string text = test_data("tensorrt-10.6/" + file);
  std::vector<std::string> names;
  if (file.ends_with(".json")) {
    for (const auto& row : nlohmann::json::parse(text)) {
      if (row.contains("name")) names.push_back(row["name"]);
    }
    return names;
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) names.push_back(line);
  return names;
}

struct Recording {
  const char* inspector;
  const char* profiler;
  std::int64_t batch;
  const char* precision;
};

class RecordedEngine : public ::testing::TestWithParam<Recording> {
 protected:
  [[nodiscard]] static std::string json() { return test_data(std::string("tensorrt-10.6/") + GetParam().inspector); }
};

TEST_P(RecordedEngine, JoinsEveryNameOfTheProfiler) {
  std::vector<Layer> layers = layers_of(json(), torchvision_mobilenet_v2(GetParam().batch));
  const std::vector<Layer> before = layers;
  const std::vector<std::string> reported = reported_names(GetParam().profiler);
  ASSERT_EQ(reported.size(), 57U);
  const std::vector<std::size_t> places = join_profiler_names(layers, reported);
  ASSERT_EQ(places.size(), reported.size());
  EXPECT_EQ(layers, before) << "no layer had to be added";
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(places[i], i);
    EXPECT_EQ(layers.at(places[i]).name, reported[i]);
  }
}

TEST_P(RecordedEngine, HasEveryNodeOfTheModelInOneLayer) {
  const Graph graph = torchvision_mobilenet_v2(GetParam().batch);
  std::map<std::string, int> layers_with;
  std::map<OriginSource, int> sources;
  for (const Layer& layer : layers_of(json(), graph)) {
    ++sources[layer.origin_source];
    for (const OriginNode& node : layer.origin_nodes) ++layers_with[node.name];
  }
  EXPECT_EQ(layers_with.size(), graph.nodes.size());
  for (const GraphNode& node : graph.nodes) EXPECT_EQ(layers_with[node.name], 1) << node.name;
  EXPECT_EQ(sources[OriginSource::reported], 54) << "52 convolutions, the pooling, the classifier";
  EXPECT_EQ(sources[OriginSource::none], 3) << "two reformats and the call for shapes";
}

TEST_P(RecordedEngine, ClassifiesItsLayers) {
  std::map<LayerClass, int> classes;
  for (const Layer& layer : layers_of(json(), torchvision_mobilenet_v2(GetParam().batch))) ++classes[layer.layer_class];
  EXPECT_THAT(classes,
              ElementsAre(std::pair{LayerClass::convolution, 35}, std::pair{LayerClass::depthwise_convolution, 17},
                          std::pair{LayerClass::fully_connected, 1}, std::pair{LayerClass::pooling, 1},
                          std::pair{LayerClass::reformat, 2}, std::pair{LayerClass::other, 1}));
}

TEST_P(RecordedEngine, TellsTypesKernelsAndFusion) {
  const std::vector<Layer> layers = layers_of(json(), torchvision_mobilenet_v2(GetParam().batch));
  ASSERT_EQ(layers.size(), 57U);
  const Layer& stem = layers[1];
  EXPECT_EQ(stem.engine_type, "CaskConvolution");
  EXPECT_THAT(stem.origin_nodes, ElementsAre(OriginNode{"/features/features.0/features.0.0/Conv", "Conv"},
                                             OriginNode{"/features/features.0/features.0.2/Clip", "Clip"}));
  EXPECT_THAT(names_of(layers.back().origin_nodes), ElementsAre("/Flatten", "/classifier/classifier.1/Gemm"));
  std::set<std::string> precisions;
  for (const Layer& layer : layers) {
    if (layer.layer_class == LayerClass::convolution || layer.layer_class == LayerClass::fully_connected) {
      EXPECT_THAT(layer.implementation, ::testing::MatchesRegex("sm[0-9]+_.*")) << layer.name;
      precisions.insert(layer.precision);
    }
    for (const auto* tensors : {&layer.inputs, &layer.outputs}) {
      for (const TensorDesc& tensor : *tensors) EXPECT_TRUE(tensor.bytes) << layer.name << ": " << tensor.name;
    }
  }
  EXPECT_THAT(precisions, ElementsAre(GetParam().precision));
}

TEST_P(RecordedEngine, IsTheSameInTheFormOfTensorRt11) {
  const Graph graph = torchvision_mobilenet_v2(GetParam().batch);
  EXPECT_EQ(layers_of(in_the_form_of_11(json()), graph), layers_of(json(), graph));
}

TEST_P(RecordedEngine, WithoutTheModelKeepsTheNamesItReports) {
  const std::vector<Layer> layers = layers_of(json());
  ASSERT_EQ(layers.size(), 57U);
  EXPECT_THAT(layers[1].origin_nodes, ElementsAre(OriginNode{"/features/features.0/features.0.0/Conv", ""},
                                                  OriginNode{"/features/features.0/features.0.2/Clip", ""}));
  EXPECT_EQ(layers[1].origin_source, OriginSource::reported);
  EXPECT_EQ(layers[0].origin_source, OriginSource::none);
  EXPECT_THAT(layers[0].origin_nodes, IsEmpty());
  EXPECT_EQ(layers[1].layer_class, LayerClass::convolution);
}

// An engine built without detailed verbosity: the names alone, joined through "a + b".
TEST_P(RecordedEngine, JoinsByNamesAloneTheLayersThatKeepThem) {
  auto document = nlohmann::json::parse(json());
  nlohmann::json names = nlohmann::json::array();
  for (const auto& layer : document["Layers"]) names.push_back(layer["Name"]);
  document["Layers"] = names;
  const Graph graph = torchvision_mobilenet_v2(GetParam().batch);
  std::vector<Layer> layers = layers_of(document.dump(), graph);
  const std::vector<Layer> detailed = layers_of(json(), graph);
  ASSERT_EQ(layers.size(), 57U);
  for (std::size_t i = 0; i < 54; ++i) {
    EXPECT_EQ(layers[i].origin_nodes, detailed[i].origin_nodes) << layers[i].name;
  }
  EXPECT_EQ(layers[1].layer_class, LayerClass::convolution);
  EXPECT_EQ(layers[0].layer_class, LayerClass::reformat);
  EXPECT_EQ(join_profiler_names(layers, reported_names(GetParam().profiler)).size(), 57U);
  EXPECT_EQ(layers.size(), 57U);
}

// The export had folded its normalisations; a model that has them loses them to the layers of their convolutions.
TEST_P(RecordedEngine, FindsFoldedNormalisationsInTheLayersOfTheirConvolutions) {
  const Graph graph = torchvision_mobilenet_v2(GetParam().batch, true);
  const std::vector<Layer> layers = layers_of(json(), graph);
  const auto stem = names_of(layers.at(1).origin_nodes);
  EXPECT_THAT(stem, ElementsAre("/features/features.0/features.0.0/Conv",
                                "/features/features.0/features.0.1/BatchNormalization",
                                "/features/features.0/features.0.2/Clip"));
}

INSTANTIATE_TEST_SUITE_P(
    TensorRt, RecordedEngine,
    ::testing::Values(Recording{"mnv2_b1_fp16.inspector.json", "mnv2_b1_fp16.profiler_names.txt", 1, "f16"},
                      Recording{"mnv2_b64_fp16.inspector.json", "mnv2_b64_fp16.profiler_names.txt", 64, "f16"},
                      Recording{"mnv2_b64_fp32.inspector.json", "mnv2_b64_fp32.profiler_names.txt", 64, "tf32"},
                      Recording{"mnv2_b1_fp16_graph.layers.json", "mnv2_b1_fp16_graph.profile.json", 1, "f16"},
                      Recording{"mnv2_b64_fp16_stream_notransfer.layers.json",
                                "mnv2_b64_fp16_stream_notransfer.profile.json", 64, "f16"}),
    [](const auto& test) {
      std::string name = test.param.inspector;
      name = name.substr(0, name.find('.'));
      return name;
    });

// ---- what the recordings do not show ---------------------------------------------------------------------------

GraphNode node(std::string name, std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs) {
  return {std::move(name), std::move(op), "", std::move(inputs), std::move(outputs), "", {}};
}

Graph graph_of(std::vector<GraphNode> nodes) {
  Graph graph;
  graph.inputs = {{"x", ElementType::f32, std::nullopt}};
  graph.nodes = std::move(nodes);
  return graph;
}

nlohmann::json layer(const std::string& name, const std::string& type, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs, const std::vector<std::string>& nodes = {}) {
  nlohmann::json object = {
      {"Name", name}, {"LayerType", type}, {"Inputs", nlohmann::json::array()}, {"Outputs", nlohmann::json::array()}};
  const auto add = [&](const char* side, const std::vector<std::string>& tensors) {
    for (const std::string& tensor : tensors) {
      object[side].push_back({{"Name", tensor}, {"Dimensions", {1, 8, 4, 4}}, {"Format/Datatype", "Half"}});
    }
  };
  add("Inputs", inputs);
  add("Outputs", outputs);
  std::string metadata;
  for (const std::string& onnx : nodes)
    metadata += (metadata.empty() ? "" : "\x1e") + fmt::format("[ONNX Layer: {}]", onnx);
  object["Metadata"] = metadata;
  return object;
}

std::string engine(const std::vector<nlohmann::json>& layers, const std::vector<std::string>& bindings = {"x", "y"}) {
  return nlohmann::json{{"Layers", layers}, {"Bindings", bindings}}.dump();
}

TEST(TensorrtLayers, AKernelOfMyelinIsWhatItsNodesAre) {
  const Graph graph = graph_of({node("mm", "MatMul", {"x", "k"}, {"s"}), node("soft", "Softmax", {"s"}, {"p"}),
                                node("mm2", "MatMul", {"p", "v"}, {"o"}), node("sig", "Sigmoid", {"o"}, {"g"}),
                                node("mul", "Mul", {"o", "g"}, {"y"})});
  const auto layers = layers_of(engine({layer("_gemm_mha_v2_myl0_0", "kgen", {"x"}, {"o"}, {"mm", "soft", "mm2"}),
                                        layer("__myl_SigMul_myl0_1", "kgen", {"o"}, {"y"}, {"sig", "mul"})}),
                                graph);
  EXPECT_EQ(layers.at(0).layer_class, LayerClass::attention);
  EXPECT_EQ(layers.at(1).layer_class, LayerClass::activation);
  EXPECT_EQ(layers.at(1).precision, "f16");
}

TEST(TensorrtLayers, WhatIsNotToldIsOpaque) {
  const auto layers = layers_of(
      engine({layer("__myl_Move_0", "kgen", {"x"}, {"y"}), layer("{ForeignNode[a...b]}", "Myelin", {"y"}, {"z"})}));
  EXPECT_EQ(layers.at(0).layer_class, LayerClass::opaque);
  EXPECT_EQ(layers.at(0).origin_source, OriginSource::none);
  EXPECT_EQ(layers.at(1).layer_class, LayerClass::opaque);
}

TEST(TensorrtLayers, AForeignNodeHoldsWhatLiesBetweenItsEnds) {
  const Graph graph = graph_of({node("a", "MatMul", {"x", "w"}, {"t"}), node("b", "Tanh", {"t"}, {"u"}),
                                node("c", "Exp", {"u"}, {"v"}), node("d", "Relu", {"v"}, {"y"})});
  const auto layers = layers_of(R"({"Layers": ["{ForeignNode[a...c]}", "d"], "Bindings": ["x", "y"]})", graph);
  EXPECT_THAT(names_of(layers.at(0).origin_nodes), ElementsAre("a", "b", "c"));
  EXPECT_EQ(layers.at(0).layer_class, LayerClass::opaque);
  EXPECT_EQ(layers.at(1).layer_class, LayerClass::activation);
}

TEST(TensorrtLayers, PointwiseNamesAreTakenApart) {
  const Graph graph = graph_of({node("conv", "Conv", {"x", "w"}, {"c"}), node("sig", "Sigmoid", {"c"}, {"s"}),
                                node("mul", "Mul", {"c", "s"}, {"m"}), node("add", "Add", {"m", "x"}, {"y"})});
  const auto layers =
      layers_of(R"json({"Layers": ["conv", "PWN(PWN(PWN(sig), mul), add)"], "Bindings": ["x", "y"]})json", graph);
  EXPECT_THAT(names_of(layers.at(1).origin_nodes), ElementsAre("sig", "mul", "add"));
  EXPECT_EQ(layers.at(0).layer_class, LayerClass::convolution);
}

TEST(TensorrtLayers, ANamelessNodeIsCalledAfterItsOutput) {
  const Graph graph = graph_of({node("", "Relu", {"x"}, {"y"})});
  const auto layers = layers_of(engine({layer("node_of_y", "PointWiseV2", {"x"}, {"y"}, {"node_of_y"})}), graph);
  EXPECT_THAT(layers.at(0).origin_nodes, ElementsAre(OriginNode{"y", "Relu"}));
}

TEST(TensorrtLayers, ANoOpOfTheModelIsNoReformat) {
  const Graph graph = graph_of({node("r", "Reshape", {"x", "s"}, {"y"})});
  const auto layers = layers_of(engine({layer("r", "NoOp", {"x"}, {"y"}, {"r"})}), graph);
  EXPECT_EQ(layers.at(0).layer_class, LayerClass::shuffle);
}

TEST(TensorrtLayers, CopiesForAConcatenationAreInserted) {
  const Graph graph = graph_of(
      {node("a", "Relu", {"x"}, {"ra"}), node("b", "Tanh", {"x"}, {"rb"}), node("cat", "Concat", {"ra", "rb"}, {"y"})});
  const auto layers =
      layers_of(engine({layer("a", "PointWiseV2", {"x"}, {"ra"}, {"a"}), layer("b", "PointWiseV2", {"x"}, {"y"}, {"b"}),
                        layer("ra copy", "Reformat", {"ra"}, {"y"})}),
                graph);
  EXPECT_EQ(layers.at(2).layer_class, LayerClass::reformat);
  EXPECT_THAT(layers.at(2).origin_nodes, IsEmpty());
  EXPECT_THAT(names_of(layers.at(1).origin_nodes), ElementsAre("b")) << "two layers write y: nothing told by that";
}

TEST(TensorrtLayers, OfAnotherModelKeepWhatTheEngineSays) {
  const Graph graph = graph_of({node("other", "Relu", {"x"}, {"y"})});
  const auto layers = layers_of(engine({layer("conv", "CaskConvolution", {"a"}, {"b"}, {"conv", "bn"})}), graph);
  EXPECT_THAT(layers.at(0).origin_nodes, ElementsAre(OriginNode{"conv", ""}, OriginNode{"bn", ""}));
}

TEST(TensorrtLayers, NamesAreUniqueAndProfilesApart) {
  const auto layers =
      layers_of(R"({"Layers": ["conv", "conv", "conv #2", "", "conv [profile 1]", "[profile x]"], "Bindings": []})");
  EXPECT_THAT(names_of(layers), ElementsAre("conv", "conv #2", "conv #2 #2", "layer 3", "[profile x]"));
}

TEST(TensorrtLayers, ErrorsNameTheSource) {
  EXPECT_THAT(tensorrt_layers("", {}, "m.engine").error().message, HasSubstr("m.engine"));
}

// ---- join_profiler_names ---------------------------------------------------------------------------------------

std::vector<Layer> plain(const std::vector<std::string>& names) {
  std::vector<Layer> layers;
  for (const std::string& name : names) {
    Layer layer;
    layer.name = name;
    layer.origin_nodes = {{name, ""}};
    layer.origin_source = OriginSource::reported;
    layer.implementation = "kernel_of_" + name;
    layers.push_back(layer);
  }
  return layers;
}

TEST(JoinProfilerNames, TheSecondOfANameIsTheSecondLayerOfIt) {
  std::vector<Layer> layers = plain({"a", "b", "a #2"});
  EXPECT_THAT(join_profiler_names(layers, {"a", "b", "a"}), ElementsAre(0, 1, 2));
  EXPECT_EQ(layers.size(), 3U);
}

TEST(JoinProfilerNames, ALayerOfALoopIsReportedAgain) {
  std::vector<Layer> layers = plain({"a", "b"});
  EXPECT_THAT(join_profiler_names(layers, {"a", "b", "a", "b"}), ElementsAre(0, 1, 0, 1));
}

TEST(JoinProfilerNames, AnUnknownNameGetsALayerWhereItRan) {
  std::vector<Layer> layers = plain({"a", "b"});
  EXPECT_THAT(join_profiler_names(layers, {"first", "a", "new", "new2", "b", "new"}), ElementsAre(0, 1, 2, 3, 4, 2));
  EXPECT_THAT(names_of(layers), ElementsAre("first", "a", "new", "new2", "b"));
  EXPECT_EQ(layers[2].layer_class, LayerClass::other);
  EXPECT_EQ(layers[2].origin_source, OriginSource::none);
}

TEST(JoinProfilerNames, ABlockTakesThePlaceOfItsParts) {
  std::vector<Layer> layers =
      plain({"a", "Reformatting CopyNode for Input Tensor 0 to {ForeignNode[p...r]}", "p", "r", "b"});
  EXPECT_THAT(join_profiler_names(layers, {"a", "{ForeignNode[p...r]}", "b"}), ElementsAre(0, 2, 3));
  ASSERT_EQ(layers.size(), 4U);
  EXPECT_EQ(layers[2].name, "{ForeignNode[p...r]}");
  EXPECT_EQ(layers[2].layer_class, LayerClass::opaque);
  EXPECT_EQ(layers[2].engine_type, "ForeignNode");
  EXPECT_THAT(names_of(layers[2].origin_nodes), ElementsAre("p", "r"));
  EXPECT_EQ(layers[2].origin_source, OriginSource::reported);
  // Once more: the layers are those of the profiler now.
  EXPECT_THAT(join_profiler_names(layers, {"a", "{ForeignNode[p...r]}", "b"}), ElementsAre(0, 2, 3));
  EXPECT_EQ(layers.size(), 4U);
}

// The recorded classifier as an older profiler would tell it.
TEST(JoinProfilerNames, ABlockOfOneKernelIsThatKernel) {
  const std::string json = test_data("tensorrt-10.6/mnv2_b1_fp16.inspector.json");
  std::vector<Layer> layers = layers_of(json, torchvision_mobilenet_v2(1));
  std::vector<std::string> reported = reported_names("mnv2_b1_fp16.profiler_names.txt");
  reported.resize(55);
  reported.emplace_back("{ForeignNode[/Flatten...(Unnamed Layer* 103) [ElementWise]]}");
  const auto places = join_profiler_names(layers, reported);
  ASSERT_EQ(layers.size(), 56U);
  EXPECT_EQ(places.back(), 55U);
  EXPECT_EQ(layers.back().layer_class, LayerClass::fully_connected);
  EXPECT_THAT(names_of(layers.back().origin_nodes), ElementsAre("/Flatten", "/classifier/classifier.1/Gemm"));
  EXPECT_THAT(layers.back().outputs, ElementsAre(::testing::Field(&TensorDesc::name, "logits")));
}

TEST(JoinProfilerNames, TwoBlocksInOneGapTakeNoParts) {
  std::vector<Layer> layers = plain({"a", "p", "q"});
  EXPECT_THAT(join_profiler_names(layers, {"a", "{ForeignNode[p...p]}", "{ForeignNode[q...q]}"}), ElementsAre(0, 1, 2));
  EXPECT_THAT(names_of(layers), ElementsAre("a", "{ForeignNode[p...p]}", "{ForeignNode[q...q]}", "p", "q"));
  EXPECT_THAT(names_of(layers[1].origin_nodes), ElementsAre("p", "p"));
}

TEST(JoinProfilerNames, WorksOnNothing) {
  std::vector<Layer> layers;
  EXPECT_THAT(join_profiler_names(layers, {}), IsEmpty());
  EXPECT_THAT(join_profiler_names(layers, {"a"}), ElementsAre(0));
  EXPECT_EQ(layers.size(), 1U);
}

}  // namespace
}  // namespace trtprof::test
