#include "trtprof/cost/cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

using testing::HasSubstr;

const TensorFacts kX = tensor({1, 8, 4, 4});  // 512 bytes

TEST(CostOf, ReadsATensorUsedTwiceOnce) {
  const TensorFacts x = tensor({1, 8, 4, 4}, ElementType::f32, "x");
  EXPECT_DOUBLE_EQ(read_by(op("Mul", {x, x}, {kX})), 512.0);
  EXPECT_DOUBLE_EQ(read_by(op("Mul", {kX, kX}, {kX})), 1024.0);
}

TEST(CostOf, RenamingIsFree) {
  for (const char* op_type :
       {"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Dropout", "Shape", "Size", "Constant"}) {
    const Cost cost = cost_of(op(op_type, {kX, weight({2}, ElementType::i64)}, {tensor({8, 16})}));
    EXPECT_EQ(cost, (Cost{0.0, 0.0, 0.0, 0.0, 0.0, ""})) << op_type;
  }
}

TEST(CostOf, TransposingMovesUnlessOnlyUnitDimensionsMove) {
  const auto transposed = [](Dims shape, Dims perm, Dims result) {
    return cost_of(
        op("Transpose", {tensor(std::move(shape))}, {tensor(std::move(result))}, {{"perm", std::move(perm)}}));
  };
  EXPECT_DOUBLE_EQ(*transposed({1, 8, 4, 4}, {0, 2, 3, 1}, {1, 4, 4, 8}).bytes_read, 512.0);
  EXPECT_DOUBLE_EQ(*transposed({1, 8, 4, 4}, {0, 2, 3, 1}, {1, 4, 4, 8}).bytes_written, 512.0);
  EXPECT_DOUBLE_EQ(*transposed({1, 8, 1, 4}, {0, 2, 1, 3}, {1, 1, 8, 4}).bytes_read, 0.0);
  EXPECT_DOUBLE_EQ(*transposed({1, 8, 1, 4}, {0, 2, 1, 3}, {1, 1, 8, 4}).bytes_written, 0.0);
}

TEST(CostOf, GatheringReadsWhatItPicks) {
  const TensorFacts table = weight({30000, 768});
  const OperatorFacts few = op("Gather", {table, tensor({1, 128}, ElementType::i64)}, {tensor({1, 128, 768})});
  EXPECT_DOUBLE_EQ(read_by(few), 4.0 * 128 * 768 + 8.0 * 128);
  EXPECT_DOUBLE_EQ(*cost_of(few).weight_bytes, 4.0 * 128 * 768);
  // More picks than rows: at most the whole table.
  const OperatorFacts many =
      op("Gather", {weight({2, 768}), tensor({1, 128}, ElementType::i64)}, {tensor({1, 128, 768})});
  EXPECT_DOUBLE_EQ(read_by(many), 4.0 * 2 * 768 + 8.0 * 128);
}

TEST(CostOf, SlicingReadsItsOutput) {
  const TensorFacts two = weight({2}, ElementType::i64);
  EXPECT_DOUBLE_EQ(read_by(op("Slice", {tensor({100, 100}), two, two}, {tensor({10, 10})})), 400.0 + 32);
}

TEST(CostOf, PadAndScatterMoveTheWholeTensor) {
  EXPECT_DOUBLE_EQ(read_by(op("Pad", {kX, weight({8}, ElementType::i64)}, {tensor({1, 8, 6, 6})})), 512.0 + 64);
  EXPECT_DOUBLE_EQ(written_by(op("Pad", {kX, weight({8}, ElementType::i64)}, {tensor({1, 8, 6, 6})})), 4.0 * 8 * 36);
  const OperatorFacts scatter =
      op("ScatterElements", {kX, tensor({1, 1, 4, 4}, ElementType::i64), tensor({1, 1, 4, 4})}, {kX});
  EXPECT_DOUBLE_EQ(read_by(scatter), 512.0 + 8 * 16 + 4 * 16);
  EXPECT_DOUBLE_EQ(written_by(scatter), 512.0);
}

TEST(CostOf, InputsOfWhichOnlyTypeOrShapeMatterAreNotRead) {
  EXPECT_DOUBLE_EQ(read_by(op("CastLike", {kX, tensor({1000})}, {kX})), 512.0);
  EXPECT_DOUBLE_EQ(read_by(op("EyeLike", {tensor({4, 4})}, {tensor({4, 4})})), 0.0);
}

TEST(CostOf, PacksTypesUnderAByte) {
  EXPECT_DOUBLE_EQ(read_by(op("Cast", {tensor({5}, ElementType::i4)}, {tensor({5})})), 3.0);
}

TEST(CostOf, AnOperatorLeftOutIsUnknownNeverZero) {
  OperatorFacts custom = op("FancyOp", {kX}, {kX});
  custom.domain = "my.company";
  const Cost cost = cost_of(custom);
  EXPECT_FALSE(cost.macs || cost.flops || cost.bytes_read || cost.bytes_written || cost.weight_bytes);
  EXPECT_FALSE(cost.known());
  EXPECT_EQ(cost.unknown_reason, "FancyOp: an operator of the domain my.company, which the cost table does not have");
  EXPECT_EQ(cost_of(op("Loop", {kX}, {kX})).unknown_reason,
            "Loop: its cost is that of the subgraphs it runs, as often as the data says");
  EXPECT_FALSE(cost_of(op("Loop", {kX}, {kX})).bytes_read);
}

TEST(CostOf, KeepsWhatItKnowsBesideWhatItDoesNot) {
  const Cost cost = cost_of(op("NonMaxSuppression", {tensor({1, 100, 4}), tensor({1, 2, 100})},
                               {TensorFacts{Dims{-1, 3}, ElementType::i64, false, "selected"}}));
  EXPECT_FALSE(cost.flops);
  EXPECT_DOUBLE_EQ(*cost.bytes_read, 4.0 * (400 + 200));
  EXPECT_FALSE(cost.bytes_written);
  EXPECT_THAT(cost.unknown_reason, HasSubstr("depends on the scores"));
  const Cost text = cost_of(op("Identity", {tensor({3}, ElementType::string)}, {tensor({3}, ElementType::string)}));
  EXPECT_TRUE(text.known());
  EXPECT_FALSE(
      cost_of(op("Concat", {tensor({3}, ElementType::string)}, {tensor({3}, ElementType::string)})).bytes_read);
}

TEST(CostOf, AnOverflowIsUnknownNotWrong) {
  const TensorFacts huge = tensor({1LL << 40, 1LL << 40});
  EXPECT_FALSE(cost_of(op("Relu", {huge}, {huge})).flops);
}

TEST(CostOf, AnEmptyTensorCostsNothing) {
  EXPECT_EQ(cost_of(op("Relu", {tensor({0, 4})}, {tensor({0, 4})})), (Cost{0.0, 0.0, 0.0, 0.0, 0.0, ""}));
}

// conv -> add residual -> relu, as one kernel.
struct Fused : testing::Test {
  TensorFacts x = tensor({1, 16, 8, 8}, ElementType::f32, "x");
  TensorFacts residual = tensor({1, 32, 8, 8}, ElementType::f32, "r");
  TensorFacts a = tensor({1, 32, 8, 8}, ElementType::f32, "a");
  TensorFacts b = tensor({1, 32, 8, 8}, ElementType::f32, "b");
  TensorFacts y = tensor({1, 32, 8, 8}, ElementType::f32, "y");
  TensorFacts w = weight({32, 16, 1, 1}, ElementType::f32, "w");
  std::vector<OperatorFacts> operators{op("Conv", {x, w}, {a}), op("Add", {a, residual}, {b}), op("Relu", {b}, {y})};
};

TEST_F(Fused, DoesAllTheArithmeticButMovesOnlyWhatCrossesItsBorder) {
  const Cost cost = cost_of_fused(operators, {x, residual}, {y});
  EXPECT_DOUBLE_EQ(*cost.macs, 32.0 * 64 * 16);
  EXPECT_DOUBLE_EQ(*cost.flops, 2.0 * 32 * 64 * 16 + 32 * 64 + 32 * 64);
  EXPECT_DOUBLE_EQ(*cost.bytes_read, 4.0 * (16 * 64 + 32 * 64 + 32 * 16));
  EXPECT_DOUBLE_EQ(*cost.bytes_written, 4.0 * 32 * 64);
  EXPECT_DOUBLE_EQ(*cost.weight_bytes, 4.0 * 32 * 16);
}

TEST_F(Fused, CountsAWeightOnceWhoeverListsIt) {
  EXPECT_EQ(cost_of_fused(operators, {x, w, residual}, {y}), cost_of_fused(operators, {x, residual}, {y}));
  operators.push_back(op("Conv", {x, w}, {a}));  // shared by two operators
  EXPECT_DOUBLE_EQ(*cost_of_fused(operators, {x, residual}, {y}).weight_bytes, 4.0 * 32 * 16);
}

TEST_F(Fused, ReadsOfAnInputWhatItsOperatorsPick) {
  const TensorFacts table = tensor({1000, 64}, ElementType::f32, "table");
  const TensorFacts picked = tensor({4, 64}, ElementType::f32, "picked");
  const std::vector<OperatorFacts> gather{op("Gather", {table, tensor({4}, ElementType::i64, "i")}, {picked}),
                                          op("Relu", {picked}, {tensor({4, 64}, ElementType::f32, "z")})};
  const Cost cost =
      cost_of_fused(gather, {table, tensor({4}, ElementType::i64, "i")}, {tensor({4, 64}, ElementType::f32, "z")});
  EXPECT_DOUBLE_EQ(*cost.bytes_read, 4.0 * 4 * 64 + 8 * 4);
}

TEST_F(Fused, SeesThroughRenamings) {
  const TensorFacts flat = tensor({1, 1024}, ElementType::f32, "flat");
  const TensorFacts z = tensor({1, 1024}, ElementType::f32, "z");
  const std::vector<OperatorFacts> renamed{op("Flatten", {x}, {flat}), op("Relu", {flat}, {z})};
  const Cost cost = cost_of_fused(renamed, {x}, {z});
  EXPECT_DOUBLE_EQ(*cost.bytes_read, 4.0 * 1024);
  EXPECT_DOUBLE_EQ(*cost.bytes_written, 4.0 * 1024);
  EXPECT_EQ(cost_of_fused({renamed[0]}, {x}, {flat}), (Cost{0.0, 0.0, 0.0, 0.0, 0.0, ""}));
}

TEST_F(Fused, IsUnknownWhereOneOperatorIs) {
  OperatorFacts custom = op("FancyOp", {a}, {b});
  custom.domain = "my.company";
  operators[1] = custom;
  const Cost cost = cost_of_fused(operators, {x}, {y});
  EXPECT_FALSE(cost.flops || cost.bytes_read);
  EXPECT_THAT(cost.unknown_reason, HasSubstr("FancyOp"));
  EXPECT_FALSE(cost_of_fused({}, {x}, {y}).known());
}

TEST_F(Fused, WithAnEnginesOwnKernelMovesKnownBytes) {
  OperatorFacts kernel = op("kgen", {x}, {y});
  kernel.domain = kEngineDomain;
  const Cost cost = cost_of_fused({kernel}, {x}, {y});
  EXPECT_FALSE(cost.flops);
  EXPECT_DOUBLE_EQ(*cost.bytes_read, 4.0 * 1024);
  EXPECT_THAT(cost.unknown_reason, HasSubstr("the engine does not say"));
}

TEST(CostTotals, SumWhatIsKnownAndCountWhatIsNot) {
  CostTotals totals;
  add(totals, cost_of(op("Relu", {kX}, {kX})));
  add(totals, cost_of(op("Loop", {kX}, {kX})));
  add(totals, cost_of(op("NonMaxSuppression", {kX, kX}, {kX})));
  EXPECT_EQ(totals.operators, 3);
  EXPECT_EQ(totals.unknown_operators, 2);
  EXPECT_DOUBLE_EQ(totals.flops, 128.0);
  EXPECT_DOUBLE_EQ(totals.bytes_read, 512.0 + 1024.0);
}

}  // namespace
}  // namespace trtprof::test
