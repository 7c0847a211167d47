#include <gtest/gtest.h>

#include "samples/sample_facts.h"

namespace trtprof {
namespace {

using test::facts_of;
using test::SampleFacts;

TEST(MobileNetV3, HasThePublishedStructure) {
  const SampleFacts facts = facts_of("mobilenetv3");
  EXPECT_EQ(facts.operators, (std::map<std::string, int>{{"Conv", 62},
                                                         {"BatchNormalization", 46},
                                                         {"HardSwish", 21},
                                                         {"Relu", 19},
                                                         {"Add", 10},
                                                         {"GlobalAveragePool", 9},
                                                         {"HardSigmoid", 8},
                                                         {"Mul", 8},
                                                         {"Flatten", 1},
                                                         {"Gemm", 2}}));
  EXPECT_EQ(facts.depthwise_convolutions, 15);
  EXPECT_EQ(facts.parameters, 5'483'032);  // torchvision's mobilenet_v3_large
  EXPECT_EQ(facts.macs, 216'589'760);      // 217 M; the paper, which leaves the gates' biases out and rounds up: 219 M
  EXPECT_EQ(facts.operators_of_unknown_cost, 0);
}

TEST(MobileNetV3, NamesAreReadable) {
  const SampleFacts facts = facts_of("mobilenetv3", {.width = 0.25, .resolution = 32});
  for (const char* name :
       {"stem/hard_swish", "block1/depthwise/relu", "block4/se/pool", "block4/se/reduce",
        "block4/se/expand/hard_sigmoid", "block4/se/scale", "block15/add", "hidden/hard_swish", "classifier"}) {
    EXPECT_TRUE(facts.node_names.contains(name)) << name;
  }
}

class MobileNetV3Run : public testing::TestWithParam<SampleOptions> {};

TEST_P(MobileNetV3Run, EveryLayerKeepsAHealthyScale) {
  const test::SampleRun run = test::run_sample("mobilenetv3", GetParam(), test::Folded::compare);
  EXPECT_EQ(run.nodes.size(), 186U);
  test::expect_scales(
      run, {{"BatchNormalization", {0.75, 1.6}}, {"HardSigmoid", {0.03, 0.5}}, {"GlobalAveragePool", {0.1, 1.5}}},
      {0.1, 5.0});
  test::expect_discerning(run, 0.5);
  EXPECT_LT(run.difference, 1e-3) << "folded and separate batch norm compute different functions";
}

INSTANTIATE_TEST_SUITE_P(
    Options, MobileNetV3Run,
    testing::Values(SampleOptions{.width = 0.35, .resolution = 64},
                    SampleOptions{.width = 0.5, .resolution = 97, .batch = std::nullopt, .seed = 3}, SampleOptions{}));

}  // namespace
}  // namespace trtprof
