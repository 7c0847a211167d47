#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

TEST(Convolution, MultipliesEveryOutputWithItsWindow) {
  // 1x64x56x56, 3x3, 128 channels, stride 2: 28 * 28 * 128 outputs of 64 * 9 products.
  const OperatorFacts conv =
      op("Conv", {tensor({1, 64, 56, 56}), weight({128, 64, 3, 3}), weight({128})}, {tensor({1, 128, 28, 28})});
  EXPECT_DOUBLE_EQ(macs_of(conv), 28.0 * 28 * 128 * 64 * 9);
  EXPECT_DOUBLE_EQ(flops_of(conv), 2.0 * 28 * 28 * 128 * 64 * 9);
  EXPECT_DOUBLE_EQ(read_by(conv), 4.0 * (64 * 56 * 56 + 128 * 64 * 9 + 128));
  EXPECT_DOUBLE_EQ(*cost_of(conv).weight_bytes, 4.0 * (128 * 64 * 9 + 128));
  EXPECT_DOUBLE_EQ(written_by(conv), 4.0 * 128 * 28 * 28);
}

TEST(Convolution, OfGroupsSeesOnlyItsGroup) {
  const OperatorFacts grouped =
      op("Conv", {tensor({2, 64, 14, 14}), weight({64, 16, 3, 3})}, {tensor({2, 64, 14, 14})});
  EXPECT_DOUBLE_EQ(macs_of(grouped), 2.0 * 64 * 14 * 14 * 16 * 9);
  const OperatorFacts depthwise =
      op("Conv", {tensor({2, 64, 14, 14}), weight({64, 1, 3, 3})}, {tensor({2, 64, 14, 14})});
  EXPECT_DOUBLE_EQ(macs_of(depthwise), 2.0 * 64 * 14 * 14 * 9);
}

TEST(Convolution, IsAlikeInOneAndThreeDimensions) {
  EXPECT_DOUBLE_EQ(macs_of(op("Conv", {tensor({1, 8, 100}), weight({16, 8, 5})}, {tensor({1, 16, 96})})),
                   16.0 * 96 * 8 * 5);
  EXPECT_DOUBLE_EQ(
      macs_of(op("Conv", {tensor({1, 3, 8, 16, 16}), weight({4, 3, 3, 3, 3})}, {tensor({1, 4, 6, 14, 14})})),
      4.0 * 6 * 14 * 14 * 3 * 27);
}

TEST(Convolution, CountsDilationByItsTapsNotItsReach) {
  OperatorFacts dilated = op("Conv", {tensor({1, 4, 20, 20}), weight({4, 4, 3, 3})}, {tensor({1, 4, 16, 16})});
  dilated.dilations = {2, 2};
  EXPECT_DOUBLE_EQ(macs_of(dilated), 4.0 * 16 * 16 * 4 * 9);
}

TEST(Convolution, IsKnownFromKernelAndGroupsWhereTheWeightIsNotTold) {
  OperatorFacts conv = op("Conv", {tensor({1, 32, 10, 10})}, {tensor({1, 64, 8, 8})});
  conv.kernel = {3, 3};
  conv.groups = 2;
  EXPECT_DOUBLE_EQ(macs_of(conv), 64.0 * 64 * 16 * 9);
}

TEST(Convolution, WithoutItsOutputShapeHasUnknownArithmeticAndSaysWhich) {
  const Cost cost =
      cost_of(op("Conv", {tensor({1, 64, 56, 56}), weight({128, 64, 3, 3})}, {TensorFacts{{}, {}, false, "y"}}));
  EXPECT_FALSE(cost.macs);
  EXPECT_FALSE(cost.flops);
  EXPECT_TRUE(cost.bytes_read);
  EXPECT_FALSE(cost.bytes_written);
  EXPECT_EQ(cost.unknown_reason, "Conv: the shape of output \"y\" is not known");
}

TEST(TransposedConvolution, MultipliesEveryInputWithItsWeights) {
  // 1x64x14x14 to 1x32x28x28 by 2x2, stride 2: each of 64 * 14 * 14 inputs reaches 32 * 4 outputs.
  EXPECT_DOUBLE_EQ(
      macs_of(op("ConvTranspose", {tensor({1, 64, 14, 14}), weight({64, 32, 2, 2})}, {tensor({1, 32, 28, 28})})),
      64.0 * 14 * 14 * 32 * 4);
  OperatorFacts untold = op("ConvTranspose", {tensor({1, 64, 14, 14})}, {tensor({1, 32, 28, 28})});
  untold.kernel = {2, 2};
  EXPECT_DOUBLE_EQ(macs_of(untold), 64.0 * 14 * 14 * 32 * 4);
}

TEST(QuantizedConvolution, MovesOneByteAValueAndQuantisesItsResult) {
  const ElementType i8 = ElementType::i8;
  const OperatorFacts conv =
      op("QLinearConv",
         {tensor({1, 16, 8, 8}, i8), weight({}), weight({}, i8), weight({32, 16, 1, 1}, i8), weight({32}),
          weight({32}, i8), weight({}), weight({}, i8), weight({32}, ElementType::i32)},
         {tensor({1, 32, 8, 8}, i8)});
  EXPECT_DOUBLE_EQ(macs_of(conv), 32.0 * 64 * 16);
  EXPECT_DOUBLE_EQ(flops_of(conv), 2.0 * 32 * 64 * 16 + 5.0 * 32 * 64);
  EXPECT_DOUBLE_EQ(read_by(conv), 16.0 * 64 + (4 + 1) + (32 * 16 + 4 * 32 + 32) + (4 + 1) + 4 * 32);
  EXPECT_DOUBLE_EQ(macs_of(op("ConvInteger", {tensor({1, 16, 8, 8}, i8), weight({32, 16, 1, 1}, i8)},
                              {tensor({1, 32, 8, 8}, ElementType::i32)})),
                   32.0 * 64 * 16);
}

TEST(DeformableConvolution, InterpolatesASampleForEveryTapAndChannel) {
  const OperatorFacts conv =
      op("DeformConv",
         {tensor({1, 4, 10, 10}), weight({8, 4, 3, 3}), tensor({1, 18, 8, 8}), std::nullopt, tensor({1, 9, 8, 8})},
         {tensor({1, 8, 8, 8})});
  EXPECT_DOUBLE_EQ(macs_of(conv), 8.0 * 64 * 4 * 9);
  // Three blends of three operations, and the mask.
  EXPECT_DOUBLE_EQ(flops_of(conv), 2.0 * 8 * 64 * 4 * 9 + 4.0 * 9 * 64 * (9 + 1));
}

TEST(CausalConvolution, IsDepthwiseAndActivates) {
  const Attributes silu{{"activation", std::string("silu")}};
  EXPECT_DOUBLE_EQ(flops_of(op("CausalConvWithState", {tensor({2, 32, 100}), weight({32, 1, 4})},
                               {tensor({2, 32, 100}), tensor({2, 32, 3})}, silu)),
                   2.0 * 2 * 32 * 100 * 4 + 5.0 * 2 * 32 * 100);
}

}  // namespace
}  // namespace trtprof::test
