#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

const auto kNone = std::optional<TensorFacts>{};

TEST(Attention, MultipliesEveryQueryWithEveryKeyAndValue) {
  // 2 sequences, 8 heads, 16 queries, 32 keys of 64 values: Q K^T and P V, scaling and softmax (1 + 5) per score.
  const OperatorFacts four = op("Attention", {tensor({2, 8, 16, 64}), tensor({2, 8, 32, 64}), tensor({2, 8, 32, 48})},
                                {tensor({2, 8, 16, 48})});
  const double scores = 2.0 * 8 * 16 * 32;
  EXPECT_DOUBLE_EQ(macs_of(four), scores * (64 + 48));
  EXPECT_DOUBLE_EQ(flops_of(four), 2.0 * scores * (64 + 48) + 6.0 * scores);
  const OperatorFacts three =
      op("Attention", {tensor({2, 16, 512}), tensor({2, 32, 512}), tensor({2, 32, 384})}, {tensor({2, 16, 384})},
         {{"q_num_heads", std::int64_t{8}}, {"kv_num_heads", std::int64_t{8}}});
  EXPECT_DOUBLE_EQ(macs_of(three), macs_of(four));
}

TEST(Attention, SharesKeysAmongQueryHeadsButReadsThemOnce) {
  const OperatorFacts grouped =
      op("Attention", {tensor({1, 32, 16, 64}), tensor({1, 8, 16, 64}), tensor({1, 8, 16, 64})},
         {tensor({1, 32, 16, 64})});
  EXPECT_DOUBLE_EQ(macs_of(grouped), 32.0 * 16 * 16 * 128);
  EXPECT_DOUBLE_EQ(read_by(grouped), 4.0 * 16 * 64 * (32 + 8 + 8));
}

TEST(Attention, CountsOnlyThePairsItsMaskLetsThrough) {
  const auto scores = [](Attributes attributes, std::optional<TensorFacts> past) {
    return macs_of(op("Attention",
                      {tensor({1, 1, 4, 1}), tensor({1, 1, 4, 1}), tensor({1, 1, 4, 1}), kNone, past, past},
                      {tensor({1, 1, 4, 1})}, std::move(attributes))) /
           2.0;
  };
  EXPECT_DOUBLE_EQ(scores({}, kNone), 16.0);
  EXPECT_DOUBLE_EQ(scores({{"is_causal", std::int64_t{1}}}, kNone), 1.0 + 2 + 3 + 4);
  EXPECT_DOUBLE_EQ(scores({{"is_causal", std::int64_t{1}}}, tensor({1, 1, 4, 1})), 5.0 + 6 + 7 + 8);
  EXPECT_DOUBLE_EQ(scores({{"is_causal", std::int64_t{1}}, {"left_window_size", std::int64_t{1}}}, kNone),
                   1.0 + 2 + 2 + 2);
}

TEST(Attention, AddsMaskAndSoftCapPerScore) {
  const OperatorFacts facts =
      op("Attention", {tensor({1, 1, 4, 8}), tensor({1, 1, 4, 8}), tensor({1, 1, 4, 8}), tensor({4, 4})},
         {tensor({1, 1, 4, 8})}, {{"softcap", 30.0}});
  EXPECT_DOUBLE_EQ(flops_of(facts), 16.0 * (2 * 16 + 6 + 1 + 3));
}

TEST(FlexAttention, IsUnknownWithSubgraphsThatModifyItsScores) {
  OperatorFacts facts =
      op("FlexAttention", {tensor({1, 2, 4, 8}), tensor({1, 2, 4, 8}), tensor({1, 2, 4, 8})}, {tensor({1, 2, 4, 8})});
  facts.domain = "ai.onnx.preview";
  EXPECT_DOUBLE_EQ(macs_of(facts), 2.0 * 16 * 16);
  facts.attributes["score_mod"] = OpaqueAttribute{"graph"};
  EXPECT_FALSE(cost_of(facts).macs);
}

TEST(MicrosoftAttention, ProjectsFirst) {
  // 2 x 16 tokens of 64 values, projected to 3 x 64, then 4 heads of 16.
  const OperatorFacts facts = ms_op("Attention", {tensor({2, 16, 64}), weight({64, 192}), weight({192})},
                                    {tensor({2, 16, 64})}, {{"num_heads", std::int64_t{4}}});
  EXPECT_DOUBLE_EQ(macs_of(facts), 2.0 * 16 * 64 * 192 + 2.0 * 4 * 16 * 16 * 32);
  EXPECT_DOUBLE_EQ(*cost_of(facts).weight_bytes, 4.0 * (64 * 192 + 192));
}

TEST(MicrosoftMultiHeadAttention, TakesPackedAndUnpackedOperands) {
  const Attributes heads{{"num_heads", std::int64_t{4}}};
  const double expected = 2.0 * 4 * 16 * 16 * 32;
  EXPECT_DOUBLE_EQ(macs_of(ms_op("MultiHeadAttention", {tensor({2, 16, 64}), tensor({2, 16, 64}), tensor({2, 16, 64})},
                                 {tensor({2, 16, 64})}, heads)),
                   expected);
  EXPECT_DOUBLE_EQ(macs_of(ms_op("MultiHeadAttention", {tensor({2, 16, 4, 3, 16})}, {tensor({2, 16, 64})}, heads)),
                   expected);
  EXPECT_DOUBLE_EQ(macs_of(ms_op("MultiHeadAttention", {tensor({2, 16, 64}), tensor({2, 16, 4, 2, 16})},
                                 {tensor({2, 16, 64})}, heads)),
                   expected);
}

TEST(MicrosoftGroupQueryAttention, IsCausalAndUnknownWithACache) {
  const Attributes heads{{"num_heads", std::int64_t{4}}, {"kv_num_heads", std::int64_t{2}}};
  EXPECT_DOUBLE_EQ(macs_of(ms_op("GroupQueryAttention", {tensor({1, 8, 64}), tensor({1, 8, 32}), tensor({1, 8, 32})},
                                 {tensor({1, 8, 64})}, heads)),
                   4.0 * 36 * 32);
  const Cost cached = cost_of(ms_op(
      "GroupQueryAttention",
      {tensor({1, 1, 64}), tensor({1, 1, 32}), tensor({1, 1, 32}), tensor({1, 2, 99, 16}), tensor({1, 2, 99, 16})},
      {tensor({1, 1, 64})}, heads));
  EXPECT_FALSE(cached.macs);
  EXPECT_NE(cached.unknown_reason.find("value of an input"), std::string::npos);
}

TEST(LinearAttention, UpdatesAStatePerTokenAndHead) {
  const auto with_rule = [](const std::string& rule) {
    return macs_of(op("LinearAttention", {tensor({1, 10, 4 * 16}), tensor({1, 10, 2 * 16}), tensor({1, 10, 2 * 32})},
                      {tensor({1, 10, 4 * 32}), tensor({1, 2, 16, 32})},
                      {{"q_num_heads", std::int64_t{4}}, {"kv_num_heads", std::int64_t{2}}, {"update_rule", rule}}));
  };
  EXPECT_DOUBLE_EQ(with_rule("linear"), 10.0 * 16 * 32 * (2 + 4));
  EXPECT_DOUBLE_EQ(with_rule("delta"), 10.0 * 16 * 32 * (2 * 2 + 4));
}

TEST(RotaryEmbedding, TurnsPairs) {
  EXPECT_DOUBLE_EQ(flops_of(op("RotaryEmbedding", {tensor({1, 8, 16, 64})}, {tensor({1, 8, 16, 64})})),
                   8.0 * 16 * 32 * 6);
  EXPECT_DOUBLE_EQ(flops_of(op("RotaryEmbedding", {tensor({1, 8, 16, 64})}, {tensor({1, 8, 16, 64})},
                               {{"rotary_embedding_dim", std::int64_t{32}}})),
                   8.0 * 16 * 16 * 6);
}

}  // namespace
}  // namespace trtprof::test
