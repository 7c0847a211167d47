#include <gtest/gtest.h>

#include "samples/sample_facts.h"

namespace trtprof {
namespace {

using test::facts_of;
using test::SampleFacts;

TEST(MobileNetV2, HasThePapersStructure) {
  const SampleFacts facts = facts_of("mobilenetv2");
  EXPECT_EQ(facts.operators, (std::map<std::string, int>{{"Conv", 52},
                                                         {"BatchNormalization", 52},
                                                         {"Clip", 35},
                                                         {"Add", 10},
                                                         {"GlobalAveragePool", 1},
                                                         {"Flatten", 1},
                                                         {"Gemm", 1}}));
  EXPECT_EQ(facts.depthwise_convolutions, 17);
  EXPECT_EQ(facts.parameters, 3'504'872);  // torchvision's mobilenet_v2: 3.50 M
  EXPECT_EQ(facts.macs, 300'774'272);      // the paper: 300 M
  EXPECT_EQ(facts.operators_of_unknown_cost, 0);
}

// torchvision's mobilenet_v2(width_mult=0.35) has 1.68 M, 1.4 has 6.11 M (the figures of the paper's authors).
TEST(MobileNetV2, WidthScalesAsPublished) {
  const auto parameters = [](double width) {
    return static_cast<double>(facts_of("mobilenetv2", {.width = width, .resolution = 32}).parameters);
  };
  EXPECT_NEAR(parameters(0.35), 1.68e6, 0.01e6);
  EXPECT_NEAR(parameters(1.4), 6.11e6, 0.01e6);
}

TEST(MobileNetV2, NamesAreReadable) {
  const SampleFacts facts = facts_of("mobilenetv2", {.width = 0.35, .resolution = 64});
  for (const char* name : {"stem/conv", "block1/depthwise/bn", "block3/expand/relu6", "block3/add",
                           "block17/project/conv", "head/relu6", "classifier"}) {
    EXPECT_TRUE(facts.node_names.contains(name)) << name;
  }
}

class MobileNetV2Run : public testing::TestWithParam<SampleOptions> {};

TEST_P(MobileNetV2Run, EveryLayerKeepsAHealthyScale) {
  const test::SampleRun run = test::run_sample("mobilenetv2", GetParam(), test::Folded::compare);
  EXPECT_EQ(run.nodes.size(), 52U + 52U + 35U + 10U + 3U);
  test::expect_scales(run, {{"BatchNormalization", {0.8, 1.5}}}, {0.2, 5.0});
  test::expect_discerning(run, 0.5);
  EXPECT_LT(run.difference, 1e-3) << "folded and separate batch norm compute different functions";
}

INSTANTIATE_TEST_SUITE_P(Options, MobileNetV2Run,
                         testing::Values(SampleOptions{.width = 0.35, .resolution = 64},
                                         SampleOptions{.width = 0.5, .resolution = 32, .seed = 7},
                                         SampleOptions{.width = 0.35, .resolution = 97, .batch = std::nullopt},
                                         SampleOptions{}));

}  // namespace
}  // namespace trtprof
