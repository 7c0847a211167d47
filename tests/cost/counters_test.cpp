// Elementwise operators, reductions, normalisations, pooling, resampling, quantisation, transforms: FLOPs by hand.
#include <cmath>

#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

const TensorFacts kX = tensor({2, 8, 4, 4});  // 256 elements

double unary(const std::string& op_type, Attributes attributes = {}) {
  return flops_of(op(op_type, {kX}, {kX}, std::move(attributes)));
}

double reduced(const std::string& op_type) {
  return flops_of(op(op_type, {kX}, {tensor({2, 8, 1, 1})}));
}

double pooled(const std::string& op_type) {
  OperatorFacts facts = op(op_type, {kX}, {tensor({2, 8, 2, 2})});
  facts.kernel = {2, 2};
  return flops_of(facts);
}

TEST(Elementwise, CostsOnePerElementaryOperation) {
  for (const char* op_type : {"Relu", "Exp", "Erf", "Sqrt", "Tanh", "Abs", "Not"}) {
    EXPECT_DOUBLE_EQ(unary(op_type), 256.0) << op_type;
  }
  EXPECT_DOUBLE_EQ(unary("Clip"), 2 * 256.0);
  EXPECT_DOUBLE_EQ(unary("Sigmoid"), 4 * 256.0);
  EXPECT_DOUBLE_EQ(unary("HardSwish"), 5 * 256.0);
  EXPECT_DOUBLE_EQ(unary("Gelu"), 5 * 256.0);
  EXPECT_DOUBLE_EQ(unary("Gelu", {{"approximate", std::string("tanh")}}), 9 * 256.0);
}

TEST(Elementwise, CostsPerElementOfTheBroadcastResult) {
  const OperatorFacts add = op("Add", {tensor({2, 1, 4}), tensor({3, 1})}, {tensor({2, 3, 4})});
  EXPECT_DOUBLE_EQ(flops_of(add), 24.0);
  EXPECT_DOUBLE_EQ(read_by(add), 4.0 * (8 + 3));
  EXPECT_DOUBLE_EQ(written_by(add), 4.0 * 24);
}

TEST(Elementwise, OfManyOperandsCostsOneLess) {
  EXPECT_DOUBLE_EQ(flops_of(op("Sum", {kX, kX, kX}, {kX})), 2 * 256.0);
  EXPECT_DOUBLE_EQ(flops_of(op("Mean", {kX, kX, kX}, {kX})), 3 * 256.0);
  EXPECT_DOUBLE_EQ(flops_of(op("Max", {kX}, {kX})), 0.0);
}

TEST(Reduction, CombinesNValuesWithNMinusOneOperations) {
  EXPECT_DOUBLE_EQ(reduced("ReduceSum"), 16 * 15.0);
  EXPECT_DOUBLE_EQ(reduced("ReduceMax"), 16 * 15.0);
  EXPECT_DOUBLE_EQ(reduced("ArgMax"), 16 * 15.0);
  EXPECT_DOUBLE_EQ(reduced("ReduceMean"), 16 * (15.0 + 1));
  EXPECT_DOUBLE_EQ(reduced("ReduceL1"), 16 * (16.0 + 15));
  EXPECT_DOUBLE_EQ(reduced("ReduceL2"), 16 * (16.0 + 15 + 1));
  EXPECT_DOUBLE_EQ(reduced("ReduceSumSquare"), 16 * (16.0 + 15));
  EXPECT_DOUBLE_EQ(reduced("ReduceLogSumExp"), 16 * (16.0 + 15 + 1));
}

TEST(Softmax, TakesMaximumDifferenceExponentSumAndQuotient) {
  EXPECT_DOUBLE_EQ(unary("Softmax"), 5 * 256.0);
}

TEST(Normalization, CountsStatisticsScaleAndShift) {
  EXPECT_DOUBLE_EQ(unary("BatchNormalization"), 2 * 256.0);
  EXPECT_DOUBLE_EQ(unary("BatchNormalization", {{"training_mode", std::int64_t{1}}}), 7 * 256.0);
  const TensorFacts channels = weight({4});
  EXPECT_DOUBLE_EQ(flops_of(op("LayerNormalization", {kX, channels, channels}, {kX})), 7 * 256.0);
  EXPECT_DOUBLE_EQ(flops_of(op("LayerNormalization", {kX, channels}, {kX})), 6 * 256.0);
  EXPECT_DOUBLE_EQ(flops_of(op("RMSNormalization", {kX, channels}, {kX})), 4 * 256.0);
  // Square, 4 additions, * alpha / size, + bias, pow, /.
  EXPECT_DOUBLE_EQ(unary("LRN", {{"size", std::int64_t{5}}}), 9 * 256.0);
}

TEST(Pooling, CostsItsWindowPerOutput) {
  EXPECT_DOUBLE_EQ(pooled("MaxPool"), 64 * 3.0);
  EXPECT_DOUBLE_EQ(pooled("AveragePool"), 64 * 4.0);
  EXPECT_DOUBLE_EQ(pooled("LpPool"), 64 * 8.0);
  EXPECT_DOUBLE_EQ(reduced("GlobalAveragePool"), 256.0);
  EXPECT_DOUBLE_EQ(reduced("GlobalMaxPool"), 240.0);
  EXPECT_FALSE(cost_of(op("MaxPool", {kX}, {kX})).flops);  // no kernel
}

TEST(RoiAlign, NeedsAFixedNumberOfSamples) {
  const auto roi = [](std::int64_t ratio) {
    return cost_of(op("RoiAlign", {kX, tensor({3, 4}), tensor({3}, ElementType::i64)}, {tensor({3, 8, 2, 2})},
                      {{"sampling_ratio", ratio}}));
  };
  EXPECT_DOUBLE_EQ(*roi(2).flops, 96.0 * 4 * (9 + 1));
  EXPECT_FALSE(roi(0).flops);
  EXPECT_TRUE(roi(0).bytes_read);
}

TEST(Resize, InterpolatesOnlyAxesThatChange) {
  const auto resized = [](Dims shape, const std::string& mode) {
    return flops_of(op("Resize", {kX}, {tensor(std::move(shape))}, {{"mode", mode}}));
  };
  EXPECT_DOUBLE_EQ(resized({2, 8, 8, 8}, "nearest"), 0.0);
  EXPECT_DOUBLE_EQ(resized({2, 8, 8, 8}, "linear"), 1024 * 9.0);  // three blends of three operations
  EXPECT_DOUBLE_EQ(resized({2, 8, 8, 4}, "linear"), 512 * 3.0);
  EXPECT_DOUBLE_EQ(resized({2, 8, 8, 8}, "cubic"), 1024 * 32.0);  // 16 neighbours
  EXPECT_TRUE(std::isnan(resized({2, 8, 8, 8}, "lanczos")));
}

TEST(Resize, ToTheNearestReadsNoMoreThanItWrites) {
  const OperatorFacts shrunk = op("Resize", {kX}, {tensor({2, 8, 2, 2})}, {{"mode", std::string("nearest")}});
  EXPECT_DOUBLE_EQ(read_by(shrunk), 4.0 * 64);
  const OperatorFacts grown = op("Resize", {kX}, {tensor({2, 8, 8, 8})}, {{"mode", std::string("nearest")}});
  EXPECT_DOUBLE_EQ(read_by(grown), 4.0 * 256);
}

TEST(Quantize, CountsItsZeroPointWhenItHasOne) {
  const TensorFacts scale = weight({});
  const TensorFacts zero = weight({}, ElementType::u8);
  const TensorFacts y = tensor({2, 8, 4, 4}, ElementType::u8);
  EXPECT_DOUBLE_EQ(flops_of(op("QuantizeLinear", {kX, scale, zero}, {y})), 5 * 256.0);
  EXPECT_DOUBLE_EQ(flops_of(op("QuantizeLinear", {kX, scale}, {y})), 4 * 256.0);
  EXPECT_DOUBLE_EQ(flops_of(op("DequantizeLinear", {y, scale, zero}, {kX})), 2 * 256.0);
  EXPECT_DOUBLE_EQ(read_by(op("DequantizeLinear", {y, scale, zero}, {kX})), 256.0 + 4 + 1);
}

TEST(FourierTransform, CountsFiveNLogN) {
  EXPECT_DOUBLE_EQ(flops_of(op("DFT", {tensor({3, 64, 2})}, {tensor({3, 64, 2})})), 3 * 5.0 * 64 * 6);
  EXPECT_DOUBLE_EQ(flops_of(op("DFT", {tensor({3, 64, 1})}, {tensor({3, 33, 2})}, {{"onesided", std::int64_t{1}}})),
                   3 * 2.5 * 64 * 6);
  EXPECT_FALSE(
      cost_of(op("DFT", {tensor({3, 64, 2}), std::nullopt, weight({}, ElementType::i64)}, {tensor({3, 64, 2})})).flops);
  EXPECT_DOUBLE_EQ(
      flops_of(op("STFT", {tensor({1, 1024}), weight({}, ElementType::i64), weight({256})}, {tensor({1, 13, 129, 2})})),
      13 * (256 + 2.5 * 256 * 8));
}

TEST(Determinant, IsThatOfAnLuDecomposition) {
  EXPECT_DOUBLE_EQ(flops_of(op("Det", {tensor({5, 6, 6})}, {tensor({5})})), 5 * 2.0 / 3 * 216);
}

TEST(Scatter, CombinesOnlyWhenItReduces) {
  const auto scattered = [](const std::string& reduction) {
    return flops_of(op("ScatterND", {kX, tensor({3, 1}, ElementType::i64), tensor({3, 8, 4, 4})}, {kX},
                       {{"reduction", reduction}}));
  };
  EXPECT_DOUBLE_EQ(scattered("none"), 0.0);
  EXPECT_DOUBLE_EQ(scattered("add"), 3.0 * 8 * 4 * 4);
}

}  // namespace
}  // namespace trtprof::test
