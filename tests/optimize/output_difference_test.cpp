#include "trtprof/optimize/output_difference.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

template <class Value>
Tensor tensor(ElementType type, const std::vector<Value>& values) {
  Tensor tensor{
      type, {static_cast<std::int64_t>(values.size())}, std::vector<std::byte>(values.size() * sizeof(Value))};
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

Tensor floats(const std::vector<float>& values) {
  return tensor(ElementType::f32, values);
}

double error(const Tensor& before, const Tensor& after) {
  const OutputDifference difference = difference_of({{"y", before}}, {{"y", after}});
  EXPECT_EQ(difference.contradiction, "");
  EXPECT_EQ(difference.output, "y");
  return difference.error;
}

TEST(OutputDifference, OfFloatsIsRelativeToTheLargestValue) {
  EXPECT_EQ(error(floats({1, -8, 0}), floats({1, -8, 0})), 0.0);
  EXPECT_DOUBLE_EQ(error(floats({1, -8, 0}), floats({1, -8, 2})), 0.25);
  EXPECT_DOUBLE_EQ(error(floats({1, -8}), floats({1, 8})), 2.0);
  EXPECT_EQ(error(floats({0, 0}), floats({0, 0})), 0.0);
  EXPECT_GT(error(floats({0, 0}), floats({0, 1e-3F})), 1.0);
  EXPECT_DOUBLE_EQ(error(tensor<double>(ElementType::f64, {4}), tensor<double>(ElementType::f64, {3})), 0.25);
}

TEST(OutputDifference, OfHalfPrecision) {
  const auto half = [](ElementType type, std::uint16_t bits) { return tensor<std::uint16_t>(type, {bits}); };
  EXPECT_DOUBLE_EQ(error(half(ElementType::f16, 0x4000), half(ElementType::f16, 0x3C00)), 0.5);    // 2 and 1
  EXPECT_DOUBLE_EQ(error(half(ElementType::bf16, 0x4000), half(ElementType::bf16, 0x3F80)), 0.5);  // 2 and 1
}

TEST(OutputDifference, NotANumberIsEqualToItself) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(error(floats({nan, infinity, 1}), floats({nan, infinity, 1})), 0.0);
  EXPECT_TRUE(std::isinf(error(floats({nan, 1}), floats({0, 1}))));
  EXPECT_TRUE(std::isinf(error(floats({0, 1}), floats({nan, 1}))));
  EXPECT_TRUE(std::isinf(error(floats({infinity}), floats({-infinity}))));
}

TEST(OutputDifference, OfIntegersIsTheShareThatDiffers) {
  EXPECT_DOUBLE_EQ(
      error(tensor<std::int64_t>(ElementType::i64, {1, 2, 3, 4}), tensor<std::int64_t>(ElementType::i64, {1, 2, 3, 5})),
      0.25);
  EXPECT_EQ(
      error(tensor<std::uint8_t>(ElementType::boolean, {1, 0}), tensor<std::uint8_t>(ElementType::boolean, {1, 0})),
      0.0);
}

TEST(OutputDifference, TellsTheWorstOutput) {
  const OutputDifference difference = difference_of({{"a", floats({1})}, {"b", floats({1})}, {"c", floats({1})}},
                                                    {{"a", floats({1})}, {"b", floats({3})}, {"c", floats({2})}});
  EXPECT_EQ(difference.output, "b");
  EXPECT_DOUBLE_EQ(difference.error, 2.0);
}

TEST(OutputDifference, SaysWhatCannotBeCompared) {
  EXPECT_EQ(difference_of({{"y", floats({1})}}, {}).contradiction, "output 'y' is not there any more");
  EXPECT_EQ(difference_of({{"y", floats({1})}}, {{"y", floats({1, 2})}}).contradiction,
            "output 'y' was f32 1 and is f32 2");
  EXPECT_EQ(difference_of({{"y", floats({1})}}, {{"y", tensor<std::int32_t>(ElementType::i32, {1})}}).contradiction,
            "output 'y' was f32 1 and is i32 1");
}

}  // namespace
}  // namespace trtprof
