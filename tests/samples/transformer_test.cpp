#include <gtest/gtest.h>

#include "samples/sample_facts.h"

namespace trtprof {
namespace {

using test::facts_of;
using test::SampleFacts;

TEST(Transformer, HasThePublishedStructure) {
  const SampleFacts facts = facts_of("transformer", {.classes = 2});
  EXPECT_EQ(facts.operators, (std::map<std::string, int>{{"Gather", 4},
                                                         {"Add", 38},
                                                         {"LayerNormalization", 9},
                                                         {"MatMul", 32},
                                                         {"Reshape", 16},
                                                         {"Transpose", 16},
                                                         {"Div", 8},
                                                         {"Softmax", 4},
                                                         {"Erf", 4},
                                                         {"Mul", 8},
                                                         {"Gemm", 2},
                                                         {"Tanh", 1}}));
  // BERT-Mini has 11.2 M without a classifier.
  EXPECT_EQ(facts.parameters, 11'170'560 + 2 * 256 + 2);
}

// Per block: queries, keys, values and outputs; scores and contexts of all heads; up and down of the feed-forward.
TEST(Transformer, CostsWhatItsDimensionsSay) {
  constexpr double kTokens = 128;
  constexpr double kHidden = 256;
  constexpr double kBlock =
      4 * kTokens * kHidden * kHidden + 2 * kTokens * kTokens * kHidden + 2 * kTokens * kHidden * 4 * kHidden;
  const SampleFacts facts = facts_of("transformer", {.batch = 3});
  EXPECT_EQ(facts.macs, 3 * (4 * kBlock + kHidden * kHidden + kHidden * 1000));
  EXPECT_EQ(facts.operators_of_unknown_cost, 0);
}

TEST(Transformer, NamesAreReadable) {
  const SampleFacts facts = facts_of("transformer");
  for (const char* name :
       {"embeddings/words", "embeddings/norm", "block1/attention/query/matmul", "block2/attention/softmax",
        "block4/attention/merge", "block4/feed_forward/gelu/erf", "pooler/tanh", "classifier"}) {
    EXPECT_TRUE(facts.node_names.contains(name)) << name;
  }
}

class TransformerRun : public testing::TestWithParam<SampleOptions> {};

TEST_P(TransformerRun, EveryLayerKeepsAHealthyScale) {
  const test::SampleRun run = test::run_sample("transformer", GetParam(), test::Folded::ignore);
  EXPECT_EQ(run.nodes.size(), 142U);
  // Scores before they are divided by the root of the heads' size have 8 times their deviation. Shares of a softmax
  // over 128 tokens have 0 if it averages, 0.088 if it picks one.
  test::expect_scales(run, {{"LayerNormalization", {0.8, 1.25}}, {"MatMul", {0.2, 25.0}}, {"Softmax", {0.005, 0.088}}},
                      {0.2, 5.0});
  test::expect_discerning(run, 0.3);
}

INSTANTIATE_TEST_SUITE_P(Options, TransformerRun,
                         testing::Values(SampleOptions{}, SampleOptions{.batch = std::nullopt, .seed = 7}));

}  // namespace
}  // namespace trtprof
