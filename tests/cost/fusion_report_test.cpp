#include "trtprof/cost/fusion_report.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/recordings.h"
#include "cost/graphs.h"
#include "support/golden.h"
#include "support/torchvision_mobilenetv2.h"
#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::map<FusionKind, std::size_t> kinds_of(const FusionReport& report) {
  std::map<FusionKind, std::size_t> kinds;
  for (const ChainFusion& chain : report.chains) ++kinds[chain.kind];
  return kinds;
}

FusionReport report_of(const Graph& graph, const std::vector<Layer>& layers) {
  return fusion_report(graph, tensor_table(graph), layers);
}

// ---- engines as recorded ---------------------------------------------------------------------------------------

class RecordedFusion : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static std::vector<Layer> layers(const Graph& graph) {
    return tensorrt_layers(test_data(std::string("tensorrt-10.6/") + GetParam()), graph, GetParam()).value();
  }
};

TEST_P(RecordedFusion, EveryChainOfMobileNetIsFused) {
  const Graph graph = torchvision_mobilenet_v2(1);
  const FusionReport report = report_of(graph, layers(graph));
  EXPECT_THAT(kinds_of(report),
              ElementsAre(std::pair{FusionKind::conv_activation, 35U}, std::pair{FusionKind::conv_add, 10U}));
  EXPECT_EQ(report.chains_with(FusionStatus::fused), 45U);
  EXPECT_EQ(report.layers.size(), 57U);
  EXPECT_THAT(report.nowhere, IsEmpty());
}

// With its normalisations the model has a chain for each convolution, and no layer runs a normalisation.
TEST_P(RecordedFusion, FoldedNormalisationsCountAsFused) {
  const Graph graph = torchvision_mobilenet_v2(1, true);
  const FusionReport report = report_of(graph, layers(graph));
  EXPECT_THAT(kinds_of(report),
              ElementsAre(std::pair{FusionKind::conv_bn, 7U}, std::pair{FusionKind::conv_bn_activation, 35U},
                          std::pair{FusionKind::conv_add, 10U}));
  EXPECT_EQ(report.chains_with(FusionStatus::fused), 52U);
  for (const ChainFusion& chain : report.chains) EXPECT_EQ(chain.layers.size(), 1U) << chain.nodes.front().name;
}

// The engine without the layer that runs an addition, which then has nowhere to run.
TEST_P(RecordedFusion, OneLayerSplitInTwoIsOneBrokenChain) {
  const Graph graph = torchvision_mobilenet_v2(1);
  std::vector<Layer> executed = layers(graph);
  const auto fused = std::ranges::find_if(executed, [](const Layer& l) {
    return l.name == "/features/features.3/conv/conv.2/Conv + /features/features.3/Add";
  });
  ASSERT_NE(fused, executed.end());
  Layer addition = *fused;
  addition.name = "/features/features.3/Add";
  addition.engine_type = "PointWiseV2";
  addition.layer_class = LayerClass::elementwise;
  addition.origin_nodes = {fused->origin_nodes.back()};
  addition.inputs = {fused->outputs.front(), fused->inputs.back()};
  addition.inputs.front().name = "/features/features.3/conv/conv.2/Conv_output_0";
  fused->outputs = {addition.inputs.front()};
  fused->origin_nodes.pop_back();
  executed.insert(fused + 1, addition);
  const FusionReport report = report_of(graph, executed);
  EXPECT_EQ(report.chains_with(FusionStatus::fused), 44U);
  ASSERT_EQ(report.chains_with(FusionStatus::not_fused), 1U);
  const auto broken = std::ranges::find(report.chains, FusionStatus::not_fused, &ChainFusion::status);
  ASSERT_EQ(broken->breaks.size(), 1U);
  EXPECT_EQ(broken->breaks[0].after, "/features/features.3/conv/conv.2/Conv");
  EXPECT_EQ(broken->breaks[0].before, "/features/features.3/Add");
  EXPECT_EQ(broken->breaks[0].cause, BreakCause::none_seen);
  EXPECT_THAT(broken->layers, ElementsAre(9, 10));
}

INSTANTIATE_TEST_SUITE_P(TensorRt, RecordedFusion,
                         testing::Values("mnv2_b1_fp16.inspector.json", "mnv2_b64_fp16.inspector.json",
                                         "mnv2_b64_fp32.inspector.json", "mnv2_b1_fp16_graph.layers.json",
                                         "mnv2_b64_fp16_stream_notransfer.layers.json"),
                         [](const auto& test) {
                           const std::string name = test.param;
                           return name.substr(0, name.find('.'));
                         });

// Nodes of OpenVINO's runtime model as the layers of a profile.
std::vector<Layer> openvino_layers_of(const Recording& recording, const Graph& graph) {
  const std::vector<Origin> origins = origins_of_openvino_nodes(recording.nodes, graph);
  const std::vector<bool> depends = depends_on_inputs(recording.nodes);
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < recording.nodes.size(); ++i) {
    const OpenVinoNode& node = recording.nodes[i];
    Layer layer;
    layer.name = node.name;
    layer.engine_type = node.type;
    layer.layer_class = class_of_openvino_type(node.type, false);
    layer.origin_nodes = origins[i].nodes;
    layer.origin_source = origins[i].source;
    for (const std::size_t producer : node.producers) {
      layer.inputs.push_back({recording.nodes[producer].name, "f32", {}, "", std::nullopt});
    }
    layer.outputs.push_back({node.name, "f32", {}, "", std::nullopt});
    if (depends[i] && layer.layer_class != LayerClass::input_output) layers.push_back(std::move(layer));
  }
  return layers;
}

TEST(FusionOfOpenVino, IsToldFromItsProfilesTheSameWay) {
  const Recording recording = read_recording("mobilenetv2.json");
  const Graph graph = make_sample("mobilenetv2", {}).value().graph();
  const FusionReport report = report_of(graph, openvino_layers_of(recording, graph));
  EXPECT_EQ(report.chains.size(), 52U);
  EXPECT_EQ(report.chains_with(FusionStatus::fused), 52U);
}

TEST(FusionOfOpenVino, FindsWhatItLeavesApart) {
  const Recording recording = read_recording("ch_PP-OCRv4_det_infer.json");
  const Graph graph = load_graph(std::string(kOcrModelsDir) + "/" + recording.model);
  const FusionReport report = report_of(graph, openvino_layers_of(recording, graph));
  EXPECT_EQ(report.chains_with(FusionStatus::not_told), 0U);
  for (const ChainFusion& chain : report.chains) {
    EXPECT_EQ(chain.status == FusionStatus::fused, chain.layers.size() == 1) << chain.nodes.front().name;
    EXPECT_EQ(chain.status == FusionStatus::fused, chain.breaks.empty()) << chain.nodes.front().name;
  }
}

// ---- one chain -------------------------------------------------------------------------------------------------

// conv, bn, relu: each node named for its output.
Graph conv_bn_relu() {
  return GraphWriter()
      .input("x", {1, 8, 4, 4})
      .weight("w", {8, 8, 3, 3})
      .weight("s", {8})
      .node("Conv", {"x", "w"}, "conv")
      .node("BatchNormalization", {"conv", "s", "s", "s", "s"}, "bn")
      .node("Relu", {"bn"}, "relu")
      .output("relu", {1, 8, 4, 4})
      .graph;
}

Layer layer(const std::string& name, LayerClass layer_class, const std::vector<OriginNode>& nodes,
            const std::vector<std::string>& inputs, const std::string& output, const std::string& precision = "f16") {
  Layer result;
  result.name = name;
  result.engine_type = std::string(to_string(layer_class));
  result.layer_class = layer_class;
  result.origin_nodes = nodes;
  result.origin_source = nodes.empty() ? OriginSource::none : OriginSource::reported;
  result.precision = precision;
  for (const std::string& input : inputs) result.inputs.push_back({input, precision, {}, "", std::nullopt});
  if (!output.empty()) result.outputs.push_back({output, precision, {}, "", std::nullopt});
  return result;
}

const OriginNode kConv{"conv", "Conv"};
const OriginNode kBn{"bn", "BatchNormalization"};
const OriginNode kRelu{"relu", "Relu"};

ChainFusion only_chain(const std::vector<Layer>& layers) {
  const FusionReport report = report_of(conv_bn_relu(), layers);
  EXPECT_EQ(report.chains.size(), 1U);
  return report.chains.empty() ? ChainFusion{} : report.chains.front();
}

TEST(FusionOfAChain, InOneLayerIsFused) {
  const ChainFusion chain = only_chain({layer("l", LayerClass::convolution, {kConv, kBn, kRelu}, {"x"}, "relu")});
  EXPECT_EQ(chain.kind, FusionKind::conv_bn_activation);
  EXPECT_EQ(chain.status, FusionStatus::fused);
  EXPECT_THAT(chain.layers, ElementsAre(0));
}

TEST(FusionOfAChain, ANodeThatNoLayerNamesWasFolded) {
  const ChainFusion chain = only_chain({layer("l", LayerClass::convolution, {kConv, kRelu}, {"x"}, "relu")});
  EXPECT_EQ(chain.status, FusionStatus::fused);
  EXPECT_TRUE(chain.nodes.at(1).folded);
  EXPECT_FALSE(chain.nodes.at(2).folded);
}

TEST(FusionOfAChain, AFoldedNodeRunsWhereTheOneBeforeItDoes) {
  const ChainFusion chain = only_chain({layer("c", LayerClass::convolution, {kConv}, {"x"}, "bn"),
                                        layer("r", LayerClass::activation, {kRelu}, {"bn"}, "relu")});
  EXPECT_EQ(chain.status, FusionStatus::partly_fused) << "convolution and normalisation are one";
  ASSERT_EQ(chain.breaks.size(), 1U);
  EXPECT_EQ(chain.breaks[0].after, "conv") << "the last node that a layer names";
  EXPECT_EQ(chain.breaks[0].before, "relu");
}

TEST(FusionOfAChain, EachNodeInALayerOfItsOwnIsNotFused) {
  const ChainFusion chain = only_chain({layer("c", LayerClass::convolution, {kConv}, {"x"}, "t"),
                                        layer("b", LayerClass::scale, {kBn}, {"t"}, "u"),
                                        layer("r", LayerClass::activation, {kRelu}, {"u"}, "relu")});
  EXPECT_EQ(chain.status, FusionStatus::not_fused);
  EXPECT_EQ(chain.breaks.size(), 2U);
  EXPECT_THAT(chain.layers, ElementsAre(0, 1, 2));
}

TEST(FusionOfAChain, AReformatInBetweenIsTheCause) {
  const ChainFusion chain = only_chain({layer("c", LayerClass::convolution, {kConv, kBn}, {"x"}, "t"),
                                        layer("copy", LayerClass::reformat, {}, {"t"}, "u"),
                                        layer("aside", LayerClass::reformat, {}, {"t"}, "v"),
                                        layer("r", LayerClass::activation, {kRelu}, {"u"}, "relu", "f32")});
  EXPECT_EQ(chain.status, FusionStatus::partly_fused);
  ASSERT_EQ(chain.breaks.size(), 1U);
  EXPECT_EQ(chain.breaks[0].cause, BreakCause::reformat);
  EXPECT_THAT(chain.breaks[0].between, ElementsAre(1)) << "the other copy leads elsewhere";
  EXPECT_EQ(chain.breaks[0].precision_after, "f16");
  EXPECT_EQ(chain.breaks[0].precision_before, "f32");
}

TEST(FusionOfAChain, AnotherLayerInBetweenIsTheCause) {
  const ChainFusion chain = only_chain({layer("c", LayerClass::convolution, {kConv, kBn}, {"x"}, "t"),
                                        layer("q", LayerClass::quantize, {{"q", "QuantizeLinear"}}, {"t"}, "u"),
                                        layer("r", LayerClass::activation, {kRelu}, {"u"}, "relu")});
  ASSERT_EQ(chain.breaks.size(), 1U);
  EXPECT_EQ(chain.breaks[0].cause, BreakCause::layers);
}

TEST(FusionOfAChain, AnotherPrecisionIsTheCauseAndTf32IsNone) {
  const auto breaks = [](const std::string& first, const std::string& second) {
    return only_chain({layer("c", LayerClass::convolution, {kConv, kBn}, {"x"}, "t", first),
                       layer("r", LayerClass::activation, {kRelu}, {"t"}, "relu", second)})
        .breaks;
  };
  EXPECT_EQ(breaks("f16", "f32").at(0).cause, BreakCause::precision);
  EXPECT_EQ(breaks("tf32", "f32").at(0).cause, BreakCause::none_seen);
  EXPECT_EQ(breaks("", "f32").at(0).cause, BreakCause::none_seen);
}

// Built without detailed verbosity, an engine tells no tensors.
TEST(FusionOfAChain, WithoutTensorsAReformatIsKnownByTheLayerItNames) {
  const ChainFusion chain =
      only_chain({layer("c", LayerClass::convolution, {kConv, kBn}, {}, ""),
                  layer("Reformatting CopyNode for Input Tensor 0 to r", LayerClass::reformat, {}, {}, ""),
                  layer("r", LayerClass::activation, {kRelu}, {}, "")});
  ASSERT_EQ(chain.breaks.size(), 1U);
  EXPECT_THAT(chain.breaks[0].between, ElementsAre(1));
}

TEST(FusionOfAChain, InsideAnOpaqueBlockIsNotTold) {
  const ChainFusion chain =
      only_chain({layer("{ForeignNode[conv...relu]}", LayerClass::opaque, {kConv, kBn, kRelu}, {"x"}, "relu")});
  EXPECT_EQ(chain.status, FusionStatus::not_told);
  EXPECT_THAT(chain.why_not_told, HasSubstr("inside {ForeignNode[conv...relu]}"));
}

TEST(FusionOfAChain, ALayerOfUnknownContentMayRunWhatNoneNames) {
  const ChainFusion chain = only_chain({layer("c", LayerClass::convolution, {kConv}, {"x"}, "t"),
                                        layer("__myl_Move", LayerClass::opaque, {}, {"t"}, "relu")});
  EXPECT_EQ(chain.status, FusionStatus::not_told);
  EXPECT_THAT(chain.why_not_told, HasSubstr("__myl_Move may"));
  EXPECT_FALSE(chain.nodes.at(1).folded);
}

TEST(FusionOfAChain, AConvolutionThatNoLayerNamesIsNotTold) {
  EXPECT_EQ(only_chain({layer("r", LayerClass::activation, {kRelu}, {"x"}, "relu")}).status, FusionStatus::not_told);
  EXPECT_THAT(only_chain({}).why_not_told, HasSubstr("runs conv"));
}

TEST(FusionOfAChain, SeveralLayersThatNameAllOfItDoNotTell) {
  const ChainFusion chain = only_chain({layer("a", LayerClass::convolution, {kConv, kBn, kRelu}, {"x"}, "t"),
                                        layer("b", LayerClass::convolution, {kConv, kBn, kRelu}, {"t"}, "relu")});
  EXPECT_EQ(chain.status, FusionStatus::not_told);
}

TEST(FusionOfAChain, ANodeSpreadOverLayersIsPartlyFused) {
  const ChainFusion chain = only_chain({layer("prepare", LayerClass::fused, {kConv}, {"x"}, "t"),
                                        layer("l", LayerClass::convolution, {kConv, kBn, kRelu}, {"t"}, "relu")});
  EXPECT_EQ(chain.status, FusionStatus::partly_fused);
  EXPECT_THAT(chain.breaks, IsEmpty());
  EXPECT_THAT(chain.nodes.at(0).layers, ElementsAre(0, 1));
}

// x * sigmoid(x) in one pointwise layer behind the convolution: one break, though two nodes read its result.
TEST(FusionOfAChain, AForkedActivationBreaksOnce) {
  const Graph graph = GraphWriter()
                          .input("x", {1, 8, 4, 4})
                          .weight("w", {8, 8, 3, 3})
                          .node("Conv", {"x", "w"}, "conv")
                          .node("Sigmoid", {"conv"}, "gate")
                          .node("Mul", {"conv", "gate"}, "mul")
                          .output("mul", {1, 8, 4, 4})
                          .graph;
  const FusionReport report = report_of(graph, {layer("c", LayerClass::convolution, {kConv}, {"x"}, "conv"),
                                                layer("PWN(PWN(gate), mul)", LayerClass::activation,
                                                      {{"gate", "Sigmoid"}, {"mul", "Mul"}}, {"conv"}, "mul")});
  ASSERT_EQ(report.chains.size(), 1U);
  EXPECT_EQ(report.chains[0].status, FusionStatus::partly_fused);
  EXPECT_EQ(report.chains[0].breaks.size(), 1U);
}

// ---- an addition of two convolutions ---------------------------------------------------------------------------

struct TwoConvolutions : testing::Test {
  Graph graph = GraphWriter()
                    .input("x", {1, 8, 4, 4})
                    .weight("w", {8, 8, 3, 3})
                    .weight("s", {8})
                    .node("Conv", {"x", "w"}, "short")
                    .node("Conv", {"x", "w"}, "long")
                    .node("BatchNormalization", {"long", "s", "s", "s", "s"}, "bn")
                    .node("Add", {"bn", "short"}, "add")
                    .node("Relu", {"add"}, "relu")
                    .output("relu", {1, 8, 4, 4})
                    .graph;
  const OriginNode short_conv{"short", "Conv"};
  const OriginNode long_conv{"long", "Conv"};
  const OriginNode add{"add", "Add"};
};

TEST_F(TwoConvolutions, AdditionWithTheLaterOneIsFused) {
  const FusionReport report =
      report_of(graph, {layer("s", LayerClass::convolution, {short_conv}, {"x"}, "short"),
                        layer("l", LayerClass::convolution, {long_conv, kBn, add, kRelu}, {"x", "short"}, "relu")});
  ASSERT_EQ(report.chains.size(), 1U);
  EXPECT_EQ(report.chains[0].kind, FusionKind::conv_add);
  EXPECT_EQ(report.chains[0].status, FusionStatus::fused);
}

TEST_F(TwoConvolutions, AdditionWithTheEarlierOneIsFusedThere) {
  const FusionReport report =
      report_of(graph, {layer("l", LayerClass::convolution, {long_conv, kBn}, {"x"}, "bn"),
                        layer("s", LayerClass::convolution, {short_conv, add, kRelu}, {"x", "bn"}, "relu")});
  ASSERT_EQ(report.chains.size(), 2U);
  EXPECT_EQ(report.chains[0].nodes.front().name, "short");
  EXPECT_EQ(report.chains[0].kind, FusionKind::conv_add);
  EXPECT_EQ(report.chains[0].status, FusionStatus::fused);
  EXPECT_EQ(report.chains[1].kind, FusionKind::conv_bn);
  EXPECT_EQ(report.chains[1].status, FusionStatus::fused);
}

TEST_F(TwoConvolutions, AdditionWithNeitherIsBroken) {
  const FusionReport report = report_of(graph, {layer("s", LayerClass::convolution, {short_conv}, {"x"}, "short"),
                                                layer("l", LayerClass::convolution, {long_conv, kBn}, {"x"}, "bn"),
                                                layer("a", LayerClass::fused, {add, kRelu}, {"bn", "short"}, "relu")});
  ASSERT_EQ(report.chains.size(), 1U);
  EXPECT_EQ(report.chains[0].status, FusionStatus::partly_fused);
  ASSERT_EQ(report.chains[0].breaks.size(), 1U);
  EXPECT_EQ(report.chains[0].breaks[0].after, "bn");
}

// ---- the edges -------------------------------------------------------------------------------------------------

TEST(FusionReportOf, AModelThatIsNotAtHandHasLayersAlone) {
  const FusionReport report = report_of({}, {layer("l", LayerClass::convolution, {{"conv", ""}}, {"x"}, "y")});
  EXPECT_FALSE(report.model_known);
  EXPECT_THAT(report.chains, IsEmpty());
  EXPECT_EQ(report.layers.size(), 1U);
}

TEST(FusionReportOf, NodesThatNoLayerNamesAreListedWithoutConstants) {
  const Graph graph = GraphWriter()
                          .input("x", {1, 8})
                          .node("Constant", {}, "c")
                          .node("Shape", {"x"}, "shape")
                          .node("Relu", {"x"}, "relu")
                          .graph;
  const FusionReport report = report_of(graph, {layer("l", LayerClass::activation, {kRelu}, {"x"}, "relu")});
  EXPECT_THAT(report.nowhere, ElementsAre(OriginNode{"shape", "Shape"}));
}

TEST(FusionReportOf, NamesOfStatesAndCauses) {
  EXPECT_EQ(to_string(FusionStatus::partly_fused), "partly_fused");
  EXPECT_EQ(to_string(FusionStatus::not_told), "not_told");
  EXPECT_EQ(to_string(BreakCause::reformat), "reformat");
  EXPECT_EQ(to_string(BreakCause::none_seen), "none_seen");
}

}  // namespace
}  // namespace trtprof::test
