#include "trtprof/optimize/accuracy/output_error.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "optimize/accuracy/function_model.h"
#include "trtprof/base/half.h"

namespace trtprof {
namespace {

using test::f32;

OutputError compared(const Tensor& reference, const Tensor& other, std::size_t samples = 100, int axis = -1) {
  OutputErrorCollector collector("y", axis);
  const Status added = collector.add(reference, other, samples);
  EXPECT_TRUE(added.has_value()) << added.error().message;
  return collector.error();
}

TEST(OutputError, FiguresOfASmallCase) {
  const OutputError error = compared(f32({1, 4}, {1, 2, -4, 0}), f32({1, 4}, {1, 2.5, -4, 0.5}));
  EXPECT_EQ(error.elements, 4U);
  EXPECT_NEAR(*error.cosine, (1 + 5 + 16) / std::sqrt(21.0 * (1 + 6.25 + 16 + 0.25)), 1e-12);
  EXPECT_NEAR(*error.sqnr_db, 10 * std::log10(21.0 / 0.5), 1e-12);
  EXPECT_DOUBLE_EQ(*error.max_absolute, 0.5);
  EXPECT_DOUBLE_EQ(*error.max_relative, 0.125);
  EXPECT_DOUBLE_EQ(*error.mean_absolute, 0.25);
  EXPECT_DOUBLE_EQ(*error.mean, 0.25);
  EXPECT_FALSE(error.identical);
}

TEST(OutputError, IdenticalOutputsHaveNoNoise) {
  const OutputError error = compared(f32({2, 2}, {1, 2, 3, 4}), f32({2, 2}, {1, 2, 3, 4}));
  EXPECT_TRUE(error.identical);
  EXPECT_FALSE(error.sqnr_db.has_value());
  EXPECT_DOUBLE_EQ(*error.cosine, 1.0);
  EXPECT_DOUBLE_EQ(*error.max_absolute, 0.0);
}

TEST(OutputError, ZerosHaveNoDirection) {
  const OutputError error = compared(f32({1, 2}, {0, 0}), f32({1, 2}, {0, 1}));
  EXPECT_FALSE(error.cosine.has_value());
  EXPECT_FALSE(error.sqnr_db.has_value());
  EXPECT_FALSE(error.max_relative.has_value());
  EXPECT_DOUBLE_EQ(*error.max_absolute, 1.0);
}

TEST(OutputError, WhatIsNoNumberIsCountedAndKeptOut) {
  const float nan = std::nanf("");
  const float infinity = std::numeric_limits<float>::infinity();
  const OutputError error =
      compared(f32({1, 6}, {1, nan, infinity, infinity, nan, 2}), f32({1, 6}, {1, nan, infinity, -infinity, 3, nan}));
  EXPECT_EQ(error.elements, 1U);
  EXPECT_EQ(error.nan_reference, 2U);
  EXPECT_EQ(error.nan_other, 2U);
  EXPECT_EQ(error.infinite_reference, 2U);
  EXPECT_EQ(error.infinite_other, 2U);
  EXPECT_EQ(error.not_finite_apart, 3U);
  EXPECT_FALSE(error.identical);
  EXPECT_DOUBLE_EQ(*error.cosine, 1.0);
}

TEST(OutputError, TheWorstSampleIsTold) {
  const OutputError error = compared(f32({2, 2}, {100, 0, 1, 0}), f32({2, 2}, {100, 0, 0, 1}));
  EXPECT_NEAR(*error.lowest_cosine, 0.0, 1e-12);
  EXPECT_GT(*error.cosine, 0.99);
}

TEST(OutputError, WhatFillsUpABatchDoesNotCount) {
  const OutputError error = compared(f32({3, 2}, {1, 0, 1, 0, 1, 0}), f32({3, 2}, {1, 0, 0, 1, 0, 1}), 1);
  EXPECT_EQ(error.elements, 2U);
  EXPECT_TRUE(error.identical);
  EXPECT_EQ(error.agreement->rows, 1U);
}

TEST(OutputError, FirstClassesAreCompared) {
  const Tensor reference = f32({2, 7}, {9, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 1});
  const Tensor other = f32({2, 7}, {3.5, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0.5, 0});
  const OutputError error = compared(reference, other);
  EXPECT_EQ(error.agreement->rows, 2U);
  EXPECT_EQ(error.agreement->top1, 0U);
  EXPECT_EQ(error.agreement->top5, 1U) << "fourth in one row, last in the other";
}

TEST(OutputError, ClassesMayLieAlongAnyAxis) {
  // Three classes for each of two by two pixels.
  const Tensor reference = f32({1, 3, 2, 2}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1});
  const Tensor other = f32({1, 3, 2, 2}, {1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0});
  const OutputError error = compared(reference, other, 1, 1);
  EXPECT_EQ(error.agreement->rows, 4U);
  EXPECT_EQ(error.agreement->top1, 3U);
  EXPECT_FALSE(error.agreement->top5.has_value());
}

TEST(OutputError, SumsOverInferences) {
  OutputErrorCollector collector("y");
  ASSERT_TRUE(collector.add(f32({1, 2}, {3, 4}), f32({1, 2}, {3, 4}), 1));
  ASSERT_TRUE(collector.add(f32({1, 2}, {0, 5}), f32({1, 2}, {1, 5}), 1));
  const OutputError error = collector.error();
  EXPECT_EQ(error.elements, 4U);
  EXPECT_NEAR(*error.sqnr_db, 10 * std::log10(50.0 / 1.0), 1e-12);
  EXPECT_EQ(error.agreement->rows, 2U);
}

TEST(OutputError, HalvesAndIntegersAreNumbers) {
  Tensor half{ElementType::f16, {1, 2}, std::vector<std::byte>(4)};
  const std::uint16_t values[] = {float_to_f16(1.5F), float_to_f16(-2.0F)};
  std::memcpy(half.data.data(), values, 4);
  EXPECT_TRUE(compared(f32({1, 2}, {1.5, -2}), half).identical);
  Tensor integers{ElementType::i64, {2}, std::vector<std::byte>(16)};
  EXPECT_TRUE(compared(integers, integers).identical);
}

TEST(OutputError, SaysWhatCannotBeCompared) {
  OutputErrorCollector collector("y");
  const Status shapes = collector.add(f32({1, 2}, {1, 2}), f32({2, 1}, {1, 2}), 1);
  ASSERT_FALSE(shapes.has_value());
  EXPECT_EQ(shapes.error().message, "output 'y' is 1x2 in the reference and 2x1 in the other");
  OutputErrorCollector with_axis("y", 3);
  const Status axis = with_axis.add(f32({1, 2}, {1, 2}), f32({1, 2}, {1, 2}), 1);
  ASSERT_FALSE(axis.has_value());
  EXPECT_EQ(axis.error().message, "an output of shape 1x2 has no axis 3");
}

}  // namespace
}  // namespace trtprof
