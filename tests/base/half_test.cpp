#include "trtprof/base/half.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

// IEEE 754-2019, 3.4, straight from the definition.
double value_of_f16(unsigned bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1.0 : 1.0;
  const int exponent = static_cast<int>((bits >> 10U) & 0x1FU);
  const int mantissa = static_cast<int>(bits & 0x3FFU);
  if (exponent == 31) {
    return mantissa == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  return exponent == 0 ? sign * std::ldexp(mantissa, -24) : sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST(Float16, EveryValueDecodesAsDefined) {
  for (unsigned bits = 0; bits <= 0xFFFF; ++bits) {
    const float decoded = f16_to_float(static_cast<std::uint16_t>(bits));
    const double expected = value_of_f16(bits);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(decoded)) << bits;
    } else {
      ASSERT_EQ(static_cast<double>(decoded), expected) << bits;
      ASSERT_EQ(std::signbit(decoded), (bits & 0x8000U) != 0) << bits;
    }
  }
}

TEST(Float16, EveryValueSurvivesThereAndBack) {
  for (unsigned bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const std::uint16_t back = float_to_f16(f16_to_float(half));
    const bool nan = (bits & 0x7C00U) == 0x7C00U && (bits & 0x3FFU) != 0;
    ASSERT_EQ(back, nan ? half | 0x200U : half) << bits;  // a NaN comes back quiet
  }
}

// Between each pair of neighbours: just under the midpoint, on it, just above it.
TEST(Float16, EveryMidpointRoundsToEven) {
  for (unsigned bits = 0; bits < 0x7BFF; ++bits) {
    const float low = f16_to_float(static_cast<std::uint16_t>(bits));
    const float high = f16_to_float(static_cast<std::uint16_t>(bits + 1));
    const float middle = (low + high) / 2.0F;  // exact: one bit more than binary16 has
    const unsigned even = bits % 2 == 0 ? bits : bits + 1;
    ASSERT_EQ(float_to_f16(middle), even) << bits;
    ASSERT_EQ(float_to_f16(std::nextafter(middle, 0.0F)), bits) << bits;
    ASSERT_EQ(float_to_f16(std::nextafter(middle, high)), bits + 1) << bits;
    ASSERT_EQ(float_to_f16(-middle), even | 0x8000U) << bits;
  }
}

TEST(Float16, OverflowAndUnderflow) {
  EXPECT_EQ(float_to_f16(65504.0F), 0x7BFF);
  EXPECT_EQ(float_to_f16(std::nextafter(65520.0F, 0.0F)), 0x7BFF);
  EXPECT_EQ(float_to_f16(65520.0F), 0x7C00);  // the midpoint to 2^16 goes to infinity
  EXPECT_EQ(float_to_f16(std::numeric_limits<float>::max()), 0x7C00);
  EXPECT_EQ(float_to_f16(-std::numeric_limits<float>::infinity()), 0xFC00);
  EXPECT_EQ(float_to_f16(0x1p-25F), 0x0000);  // the midpoint to 0 goes to 0
  EXPECT_EQ(float_to_f16(std::nextafter(0x1p-25F, 1.0F)), 0x0001);
  EXPECT_EQ(float_to_f16(-std::numeric_limits<float>::denorm_min()), 0x8000);
}

TEST(BFloat16, EveryValueSurvivesThereAndBack) {
  for (unsigned bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const bool nan = (bits & 0x7F80U) == 0x7F80U && (bits & 0x7FU) != 0;
    ASSERT_EQ(float_to_bf16(bf16_to_float(half)), nan ? half | 0x40U : half) << bits;
  }
}

// The reference rounds in double to the 8 bits that bfloat16 has.
TEST(BFloat16, RandomValuesRoundToNearestEven) {
  std::mt19937 random(11);
  std::uniform_int_distribution<std::uint32_t> any;
  int compared = 0;
  for (int i = 0; i < 200000; ++i) {
    const auto value = std::bit_cast<float>(any(random));
    if (!std::isnormal(value)) {
      continue;
    }
    int exponent = 0;
    const double mantissa = std::frexp(static_cast<double>(value), &exponent);
    const double rounded = std::ldexp(std::nearbyint(std::ldexp(mantissa, 8)), exponent - 8);
    const double stored = static_cast<double>(bf16_to_float(float_to_bf16(value)));
    if (std::abs(rounded) > static_cast<double>(std::numeric_limits<float>::max())) {
      ASSERT_TRUE(std::isinf(stored)) << value;
    } else {
      ASSERT_EQ(stored, rounded) << value;
    }
    ++compared;
  }
  EXPECT_GT(compared, 190000);
}

TEST(BFloat16, MidpointsRoundToEven) {
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x3F80'8000U)), 0x3F80);
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x3F81'8000U)), 0x3F82);
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x3F80'8001U)), 0x3F81);
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x0000'8001U)), 0x0001);  // subnormal
  EXPECT_EQ(float_to_bf16(std::numeric_limits<float>::max()), 0x7F80);
  EXPECT_EQ(float_to_bf16(-std::numeric_limits<float>::infinity()), 0xFF80);
}

}  // namespace
}  // namespace trtprof
