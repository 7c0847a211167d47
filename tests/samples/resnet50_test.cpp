#include <gtest/gtest.h>

#include "samples/sample_facts.h"

namespace trtprof {
namespace {

using test::facts_of;
using test::SampleFacts;

TEST(ResNet50, HasThePublishedStructure) {
  const SampleFacts facts = facts_of("resnet50");
  EXPECT_EQ(facts.operators, (std::map<std::string, int>{{"Conv", 53},
                                                         {"BatchNormalization", 53},
                                                         {"Relu", 49},
                                                         {"MaxPool", 1},
                                                         {"Add", 16},
                                                         {"GlobalAveragePool", 1},
                                                         {"Flatten", 1},
                                                         {"Gemm", 1}}));
  EXPECT_EQ(facts.depthwise_convolutions, 0);
  EXPECT_EQ(facts.parameters, 25'557'032);  // torchvision's resnet50
  EXPECT_EQ(facts.macs, 4'089'184'256);     // 4.09 G, as published for v1.5
  EXPECT_EQ(facts.operators_of_unknown_cost, 0);
}

TEST(ResNet50, NamesAreReadable) {
  const SampleFacts facts = facts_of("resnet50", {.width = 0.25, .resolution = 32});
  for (const char* name : {"stem/conv", "stem/pool", "stage1/block1/shortcut/bn", "stage2/block4/spatial/relu",
                           "stage4/block3/add", "stage4/block3/relu", "classifier"}) {
    EXPECT_TRUE(facts.node_names.contains(name)) << name;
  }
}

class ResNet50Run : public testing::TestWithParam<SampleOptions> {};

TEST_P(ResNet50Run, EveryLayerKeepsAHealthyScale) {
  const test::SampleRun run = test::run_sample("resnet50", GetParam(), test::Folded::compare);
  EXPECT_EQ(run.nodes.size(), 175U);
  test::expect_scales(run, {{"BatchNormalization", {0.8, 1.5}}}, {0.2, 5.0});
  test::expect_discerning(run, 0.5);
  EXPECT_LT(run.difference, 1e-3) << "folded and separate batch norm compute different functions";
}

INSTANTIATE_TEST_SUITE_P(
    Options, ResNet50Run,
    testing::Values(SampleOptions{.width = 0.35, .resolution = 64},
                    SampleOptions{.width = 0.5, .resolution = 97, .batch = std::nullopt, .seed = 3}, SampleOptions{}));

}  // namespace
}  // namespace trtprof
