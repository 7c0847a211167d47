#include <gtest/gtest.h>

#include "samples/sample_facts.h"

namespace trtprof {
namespace {

using test::facts_of;
using test::SampleFacts;

TEST(EfficientNetB0, HasThePublishedStructure) {
  const SampleFacts facts = facts_of("efficientnet-b0");
  EXPECT_EQ(facts.operators, (std::map<std::string, int>{{"Conv", 81},
                                                         {"BatchNormalization", 49},
                                                         {"Sigmoid", 65},
                                                         {"Mul", 65},
                                                         {"GlobalAveragePool", 17},
                                                         {"Add", 9},
                                                         {"Flatten", 1},
                                                         {"Gemm", 1}}));
  EXPECT_EQ(facts.depthwise_convolutions, 16);
  EXPECT_EQ(facts.parameters, 5'288'548);  // torchvision's efficientnet_b0
  EXPECT_EQ(facts.macs, 385'814'752);      // 0.386 G; the paper: 0.39 G
  EXPECT_EQ(facts.operators_of_unknown_cost, 0);
}

TEST(EfficientNetB0, NamesAreReadable) {
  const SampleFacts facts = facts_of("efficientnet-b0", {.width = 0.25, .resolution = 32});
  for (const char* name : {"stem/sigmoid", "stem/swish", "block1/depthwise/swish", "block1/se/reduce/swish",
                           "block1/se/expand/sigmoid", "block1/se/scale", "block15/add", "head/swish", "classifier"}) {
    EXPECT_TRUE(facts.node_names.contains(name)) << name;
  }
}

class EfficientNetB0Run : public testing::TestWithParam<SampleOptions> {};

TEST_P(EfficientNetB0Run, EveryLayerKeepsAHealthyScale) {
  const test::SampleRun run = test::run_sample("efficientnet-b0", GetParam(), test::Folded::compare);
  EXPECT_EQ(run.nodes.size(), 288U);
  test::expect_scales(
      run, {{"BatchNormalization", {0.75, 1.6}}, {"Sigmoid", {0.03, 0.5}}, {"GlobalAveragePool", {0.1, 1.5}}},
      {0.1, 5.0});
  test::expect_discerning(run, 0.5);
  EXPECT_LT(run.difference, 1e-3) << "folded and separate batch norm compute different functions";
}

INSTANTIATE_TEST_SUITE_P(
    Options, EfficientNetB0Run,
    testing::Values(SampleOptions{.width = 0.35, .resolution = 64},
                    SampleOptions{.width = 0.5, .resolution = 97, .batch = std::nullopt, .seed = 3}, SampleOptions{}));

}  // namespace
}  // namespace trtprof
