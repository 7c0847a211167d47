#include "trtprof/backend/openvino_origins.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/recordings.h"
#include "trtprof/profile/layer_class.h"
#include "trtprof/samples/samples.h"

namespace trtprof {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(OnnxOpsOfOpenVinoNode, KnowsTypesAndNamesThatPassesMake) {
  EXPECT_THAT(onnx_ops_of_openvino_node("Deconvolution", "deconv"), ElementsAre("ConvTranspose"));
  EXPECT_THAT(onnx_ops_of_openvino_node("Subgraph", "Multiply_32921"), ElementsAre("Mul", "Div"));
  EXPECT_THAT(onnx_ops_of_openvino_node("Split", "VariadicSplit_29502"), ElementsAre("Split", "Slice"));
  EXPECT_THAT(onnx_ops_of_openvino_node("Subgraph", "conv_1"), IsEmpty());
  EXPECT_THAT(onnx_ops_of_openvino_node("Subgraph", "Multiply_"), IsEmpty());
  EXPECT_THAT(onnx_ops_of_openvino_node("", ""), IsEmpty());
}

TEST(DependsOnInputs, FollowsTheEdges) {
  const std::vector<OpenVinoNode> nodes = {
      {"x", "Input", "", {}}, {"w", "Reshape", "", {}}, {"wr", "Reorder", "", {1}}, {"c", "Convolution", "", {0, 2}}};
  EXPECT_THAT(depends_on_inputs(nodes), ElementsAre(true, false, false, true));
}

struct Case {
  const char* recording;
  std::size_t layers;    // that depend on the inputs, without inputs and outputs
  std::size_t reported;  // of them
  std::size_t inferred;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.recording;
}

class RecordedJoin : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    recording_ = test::read_recording(GetParam().recording);
    graph_ = recording_.model == "mobilenetv2.onnx"
                 ? make_sample("mobilenetv2", {}).value().graph()
                 : test::load_graph(std::string(test::kOcrModelsDir) + "/" + recording_.model);
    origins_ = origins_of_openvino_nodes(recording_.nodes, graph_);
    depends_ = depends_on_inputs(recording_.nodes);
  }

  bool counts(std::size_t i) const {
    return depends_[i] && recording_.nodes[i].type != "Input" && recording_.nodes[i].type != "Output";
  }

  test::Recording recording_;
  Graph graph_;
  std::vector<Origin> origins_;
  std::vector<bool> depends_;
};

TEST_P(RecordedJoin, EveryLayerHasAnOnnxNodeOrIsAReorder) {
  std::size_t layers = 0;
  std::map<OriginSource, std::size_t> sources;
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    if (!counts(i)) continue;
    ++layers;
    ++sources[origins_[i].source];
    if (origins_[i].source == OriginSource::none) {
      EXPECT_EQ(recording_.nodes[i].type, "Reorder") << recording_.nodes[i].name;
    } else {
      EXPECT_FALSE(origins_[i].nodes.empty()) << recording_.nodes[i].name;
    }
  }
  EXPECT_EQ(layers, GetParam().layers);
  EXPECT_EQ(sources[OriginSource::reported], GetParam().reported);
  EXPECT_EQ(sources[OriginSource::inferred], GetParam().inferred);
}

TEST_P(RecordedJoin, EveryConvolutionOfTheModelIsInExactlyOneLayerOfThatType) {
  std::map<std::string, int> layers_with;
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    const bool convolution = recording_.nodes[i].type == "Convolution";
    int convolutions = 0;
    for (const OriginNode& node : origins_[i].nodes) {
      if (node.op_type != "Conv") continue;
      ++convolutions;
      ++layers_with[node.name];
    }
    EXPECT_EQ(convolutions, convolution ? 1 : 0) << recording_.nodes[i].name;
  }
  for (const GraphNode& node : graph_.nodes) {
    if (node.op_type != "Conv") continue;
    EXPECT_EQ(layers_with[node.display_name()], 1) << node.display_name();
  }
}

TEST_P(RecordedJoin, NoNodeIsInTwoLayers) {
  std::map<std::string, int> layers_with;
  for (const Origin& origin : origins_) {
    for (const OriginNode& node : origin.nodes) ++layers_with[node.name];
  }
  for (const auto& [name, count] : layers_with) EXPECT_EQ(count, 1) << name;
}

// Whatever computes on data is in a layer; what is left over is constants and arithmetic on shapes and on weights.
TEST_P(RecordedJoin, NodesInNoLayerDoNotTouchData) {
  std::map<std::string, int> layers_with;
  for (const Origin& origin : origins_) {
    for (const OriginNode& node : origin.nodes) ++layers_with[node.name];
  }
  static const std::vector<std::string> kIdle = {"Constant", "Shape", "Cast", "Slice", "Concat", "Reshape"};
  for (const GraphNode& node : graph_.nodes) {
    if (layers_with.count(node.display_name()) != 0) continue;
    EXPECT_THAT(kIdle, Contains(node.op_type)) << node.display_name();
  }
}

INSTANTIATE_TEST_SUITE_P(Models, RecordedJoin,
                         ::testing::Values(Case{"ch_PP-OCRv4_det_infer.json", 135, 103, 0},
                                           Case{"ch_PP-OCRv4_rec_infer.json", 104, 89, 4},
                                           Case{"ch_PP-OCRv4_rec_infer.f32.json", 99, 87, 4},
                                           Case{"ch_ppocr_mobile_v2.0_cls_infer.json", 115, 85, 0},
                                           Case{"mobilenetv2.json", 57, 55, 0}));

TEST(RecordedLayers, AttentionIsJoinedThroughItsMovedScaling) {
  const auto recording = test::read_recording("ch_PP-OCRv4_rec_infer.json");
  const Graph graph = test::load_graph(std::string(test::kOcrModelsDir) + "/" + recording.model);
  const auto origins = origins_of_openvino_nodes(recording.nodes, graph);
  std::vector<std::vector<std::string>> inferred;
  for (const Origin& origin : origins) {
    if (origin.source != OriginSource::inferred) continue;
    inferred.emplace_back();
    for (const OriginNode& node : origin.nodes) inferred.back().push_back(node.name);
  }
  EXPECT_THAT(inferred,
              ElementsAre(ElementsAre("p2o.Slice.4", "p2o.Slice.6", "p2o.Slice.8"), ElementsAre("p2o.Mul.180"),
                          ElementsAre("p2o.Slice.13", "p2o.Slice.15", "p2o.Slice.17"), ElementsAre("p2o.Mul.189")));
}

}  // namespace
}  // namespace trtprof
