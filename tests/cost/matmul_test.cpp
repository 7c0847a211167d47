#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

double matmul(Dims a, Dims b) {
  return macs_of(op("MatMul", {tensor(std::move(a)), tensor(std::move(b))}, {unknown_tensor()}));
}

TEST(MatMul, MultipliesRowsByColumnsByInnerDimension) {
  EXPECT_DOUBLE_EQ(matmul({3, 4}, {4, 5}), 3.0 * 4 * 5);
  EXPECT_DOUBLE_EQ(matmul({7, 3, 4}, {7, 4, 5}), 7.0 * 3 * 4 * 5);
}

TEST(MatMul, BroadcastsItsBatch) {
  EXPECT_DOUBLE_EQ(matmul({8, 12, 128, 64}, {64, 32}), 8.0 * 12 * 128 * 64 * 32);
  EXPECT_DOUBLE_EQ(matmul({8, 1, 3, 4}, {12, 4, 5}), 8.0 * 12 * 3 * 4 * 5);
}

TEST(MatMul, TakesVectors) {
  EXPECT_DOUBLE_EQ(matmul({4}, {4}), 4.0);
  EXPECT_DOUBLE_EQ(matmul({4}, {6, 4, 5}), 6.0 * 4 * 5);
  EXPECT_DOUBLE_EQ(matmul({6, 3, 4}, {4}), 6.0 * 3 * 4);
}

TEST(MatMul, OfShapesThatDoNotFitIsUnknown) {
  const Cost cost = cost_of(op("MatMul", {tensor({3, 4}), tensor({5, 6})}, {tensor({3, 6})}));
  EXPECT_FALSE(cost.macs);
  EXPECT_EQ(cost.unknown_reason, "MatMul: its operands' shapes do not fit together");
}

TEST(MatMul, InIntegersReadsOneByteAValue) {
  const OperatorFacts product = op("MatMulInteger", {tensor({3, 4}, ElementType::u8), tensor({4, 5}, ElementType::i8)},
                                   {tensor({3, 5}, ElementType::i32)});
  EXPECT_DOUBLE_EQ(macs_of(product), 60.0);
  EXPECT_DOUBLE_EQ(read_by(product), 12.0 + 20.0);
  EXPECT_DOUBLE_EQ(written_by(product), 4.0 * 15);
}

TEST(MatMul, QuantisedFindsItsSecondMatrixAtTheFourthInput) {
  const auto u8 = ElementType::u8;
  const OperatorFacts product = op("QLinearMatMul",
                                   {tensor({3, 4}, u8), weight({}), weight({}, u8), tensor({4, 5}, u8), weight({}),
                                    weight({}, u8), weight({}), weight({}, u8)},
                                   {tensor({3, 5}, u8)});
  EXPECT_DOUBLE_EQ(macs_of(product), 60.0);
  EXPECT_DOUBLE_EQ(flops_of(product), 120.0 + 5.0 * 15);
}

TEST(Gemm, HonoursItsTranspositions) {
  const auto gemm = [](Dims a, Dims b, std::int64_t ta, std::int64_t tb) {
    return macs_of(op("Gemm", {tensor(std::move(a)), weight(std::move(b)), weight({5})}, {tensor({3, 5})},
                      {{"transA", ta}, {"transB", tb}}));
  };
  EXPECT_DOUBLE_EQ(gemm({3, 4}, {4, 5}, 0, 0), 60.0);
  EXPECT_DOUBLE_EQ(gemm({4, 3}, {4, 5}, 1, 0), 60.0);
  EXPECT_DOUBLE_EQ(gemm({3, 4}, {5, 4}, 0, 1), 60.0);
  EXPECT_DOUBLE_EQ(gemm({4, 3}, {5, 4}, 1, 1), 60.0);
  EXPECT_TRUE(std::isnan(gemm({3, 4}, {5, 4}, 0, 0)));
}

TEST(MatMulNBits, TakesItsInnerDimensionFromTheAttribute) {
  // 4-bit weights: 128 x 64 in 64 rows of 4 blocks of 16 bytes.
  const OperatorFacts product = ms_op("MatMulNBits", {tensor({2, 128}), weight({64, 4, 16}, ElementType::u8)},
                                      {tensor({2, 64})}, {{"K", std::int64_t{128}}, {"N", std::int64_t{64}}});
  EXPECT_DOUBLE_EQ(macs_of(product), 2.0 * 64 * 128);
  EXPECT_DOUBLE_EQ(*cost_of(product).weight_bytes, 64.0 * 4 * 16);
}

TEST(AffineGrid, MultipliesEachPointWithTheta) {
  EXPECT_DOUBLE_EQ(
      macs_of(op("AffineGrid", {tensor({2, 2, 3}), weight({4}, ElementType::i64)}, {tensor({2, 8, 8, 2})})),
      2.0 * 8 * 8 * 2 * 2);
}

}  // namespace
}  // namespace trtprof::test
