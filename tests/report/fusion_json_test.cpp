#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/golden.h"
#include "support/torchvision_mobilenetv2.h"
#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/report/fusion.h"

namespace trtprof::test {
namespace {

FusionReport recorded() {
  const Graph graph = torchvision_mobilenet_v2(1);
  const std::string json = test_data("tensorrt-10.6/mnv2_b1_fp16_graph.layers.json");
  return fusion_report(graph, tensor_table(graph), tensorrt_layers(json, graph, "recorded").value());
}

TEST(FusionJson, HasTheWholeReport) {
  const FusionReport report = recorded();
  const auto json = nlohmann::json::parse(fusion_to_json(report));
  EXPECT_EQ(json["model_known"], true);
  EXPECT_EQ(json["totals"],
            nlohmann::json({{"chains", 45}, {"fused", 45}, {"partly_fused", 0}, {"not_fused", 0}, {"not_told", 0}}));
  ASSERT_EQ(json["chains"].size(), report.chains.size());
  ASSERT_EQ(json["layers"].size(), report.layers.size());
  for (std::size_t i = 0; i < report.chains.size(); ++i) {
    const auto& chain = json["chains"][i];
    EXPECT_EQ(chain["kind"], to_string(report.chains[i].kind));
    EXPECT_EQ(chain["status"], "fused");
    EXPECT_EQ(chain["nodes"].size(), report.chains[i].nodes.size());
    EXPECT_EQ(chain["layers"], report.chains[i].layers);
    EXPECT_FALSE(chain.contains("why_not_told"));
  }
  EXPECT_EQ(json["layers"][1]["class"], "Convolution");
  EXPECT_EQ(json["layers"][1]["nodes"][1],
            nlohmann::json({{"name", "/features/features.0/features.0.2/Clip"}, {"op_type", "Clip"}}));
  EXPECT_EQ(json["layers"][0]["origin_source"], "none");
}

TEST(FusionJson, TellsWhereAChainBroke) {
  FusionReport report;
  report.layers.resize(3);
  report.chains.push_back({FusionKind::conv_activation,
                           FusionStatus::not_fused,
                           {{"c", "Conv", {0}, false}, {"r", "Relu", {2}, false}},
                           {0, 2},
                           {{"c", "r", 0, 2, BreakCause::reformat, {1}, "f16", "f32"}},
                           ""});
  report.chains.push_back(
      {FusionKind::conv_bn, FusionStatus::not_told, {{"c", "Conv", {}, false}}, {}, {}, "no \"layer\""});
  report.nowhere = {{"s", "Shape"}};
  const auto json = nlohmann::json::parse(fusion_to_json(report));
  EXPECT_EQ(json["chains"][0]["breaks"][0], nlohmann::json({{"after", "c"},
                                                            {"before", "r"},
                                                            {"layer_after", 0},
                                                            {"layer_before", 2},
                                                            {"cause", "reformat"},
                                                            {"between", {1}},
                                                            {"precision_after", "f16"},
                                                            {"precision_before", "f32"}}));
  EXPECT_EQ(json["chains"][1]["why_not_told"], "no \"layer\"");
  EXPECT_EQ(json["nodes_in_no_layer"], nlohmann::json::array({{{"name", "s"}, {"op_type", "Shape"}}}));
}

}  // namespace
}  // namespace trtprof::test
