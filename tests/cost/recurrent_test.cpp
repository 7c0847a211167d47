#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

// 10 steps of 2 sequences, 32 inputs, 64 hidden values.
OperatorFacts recurrent(const std::string& op_type, std::int64_t gates, std::int64_t directions) {
  return op(op_type, {tensor({10, 2, 32}), weight({directions, gates * 64, 32}), weight({directions, gates * 64, 64})},
            {tensor({10, directions, 2, 64})});
}

TEST(Recurrent, MultipliesInputAndStateWithEveryGateAtEveryStep) {
  EXPECT_DOUBLE_EQ(macs_of(recurrent("RNN", 1, 1)), 20.0 * 64 * (32 + 64));
  EXPECT_DOUBLE_EQ(macs_of(recurrent("GRU", 3, 1)), 20.0 * 3 * 64 * (32 + 64));
  EXPECT_DOUBLE_EQ(macs_of(recurrent("LSTM", 4, 1)), 20.0 * 4 * 64 * (32 + 64));
}

TEST(Recurrent, InBothDirectionsCostsTwice) {
  EXPECT_DOUBLE_EQ(flops_of(recurrent("LSTM", 4, 2)), 2.0 * flops_of(recurrent("LSTM", 4, 1)));
}

TEST(Recurrent, CountsTheGatesActivations) {
  EXPECT_DOUBLE_EQ(flops_of(recurrent("RNN", 1, 1)) - 2.0 * macs_of(recurrent("RNN", 1, 1)), 20.0 * 64 * 1);
  EXPECT_DOUBLE_EQ(flops_of(recurrent("GRU", 3, 1)) - 2.0 * macs_of(recurrent("GRU", 3, 1)), 20.0 * 64 * 14);
  EXPECT_DOUBLE_EQ(flops_of(recurrent("LSTM", 4, 1)) - 2.0 * macs_of(recurrent("LSTM", 4, 1)), 20.0 * 64 * 18);
}

TEST(Recurrent, ReadsItsWeightsOnceWhateverTheSteps) {
  EXPECT_DOUBLE_EQ(*cost_of(recurrent("LSTM", 4, 1)).weight_bytes, 4.0 * 4 * 64 * (32 + 64));
}

}  // namespace
}  // namespace trtprof::test
