#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

OperatorFacts einsum(const std::string& equation, const std::vector<Dims>& shapes) {
  OperatorFacts facts = op("Einsum", {}, {unknown_tensor()}, {{"equation", equation}});
  for (const Dims& shape : shapes) {
    facts.inputs.emplace_back(tensor(shape));
  }
  return facts;
}

TEST(Einsum, IsAMatrixProduct) {
  EXPECT_DOUBLE_EQ(macs_of(einsum("ij,jk->ik", {{3, 4}, {4, 5}})), 60.0);
  EXPECT_DOUBLE_EQ(flops_of(einsum("ij,jk->ik", {{3, 4}, {4, 5}})), 120.0);
  EXPECT_DOUBLE_EQ(macs_of(einsum("ij,jk", {{3, 4}, {4, 5}})), 60.0);  // the same, implied
}

TEST(Einsum, IsABatchOfThem) {
  EXPECT_DOUBLE_EQ(macs_of(einsum("bhqd, bhkd -> bhqk", {{2, 8, 16, 64}, {2, 8, 32, 64}})), 2.0 * 8 * 16 * 32 * 64);
  EXPECT_DOUBLE_EQ(macs_of(einsum("...ij,...jk->...ik", {{7, 2, 3, 4}, {2, 4, 5}})), 7.0 * 2 * 3 * 4 * 5);
}

TEST(Einsum, OfOneOperandSumsOrMoves) {
  EXPECT_DOUBLE_EQ(flops_of(einsum("ij->i", {{3, 4}})), 12.0 - 3.0);
  EXPECT_DOUBLE_EQ(flops_of(einsum("ij->ji", {{3, 4}})), 0.0);
  EXPECT_DOUBLE_EQ(macs_of(einsum("ij->i", {{3, 4}})), 0.0);
}

TEST(Einsum, ThatSumsOverNothingOnlyMultiplies) {
  EXPECT_DOUBLE_EQ(macs_of(einsum("i,j->ij", {{3}, {4}})), 0.0);
  EXPECT_DOUBLE_EQ(flops_of(einsum("i,j->ij", {{3}, {4}})), 12.0);
  EXPECT_DOUBLE_EQ(flops_of(einsum("ij,ij->ij", {{3, 4}, {3, 4}})), 12.0);
}

TEST(Einsum, SumsFirstWhatOneOperandHasAlone) {
  // k of b is summed to 5 values (5 * 6 - 5 additions), then 3 * 5 multiplications.
  EXPECT_DOUBLE_EQ(flops_of(einsum("i,jk->ij", {{3}, {5, 6}})), 25.0 + 15.0);
}

TEST(Einsum, ContractsThreeOperandsInTheCheaperOrder) {
  // (100x2 * 2x100) * 100x3: left first 100 * 2 * 100 + 100 * 100 * 3, right first 2 * 100 * 3 + 100 * 2 * 3.
  EXPECT_DOUBLE_EQ(macs_of(einsum("ij,jk,kl->il", {{100, 2}, {2, 100}, {100, 3}})), 600.0 + 600.0);
}

TEST(Einsum, WithAnEquationThatDoesNotFitIsUnknown) {
  EXPECT_EQ(cost_of(einsum("ij,jk->ik", {{3, 4, 5}, {4, 5}})).unknown_reason,
            "Einsum: its equation does not fit its operands");
  EXPECT_FALSE(cost_of(einsum("ij,jk->ik", {{3, 4}})).macs);
  EXPECT_FALSE(cost_of(einsum("", {{3, 4}, {4, 5}})).macs);
}

}  // namespace
}  // namespace trtprof::test
