#include "trtprof/optimize/precision/half_tensor.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/base/half.h"

namespace trtprof::precision {
namespace {

using testing::ElementsAre;

onnx::TensorProto tensor_of(const std::vector<float>& values) {
  onnx::TensorProto tensor;
  tensor.set_name("w");
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const float value : values) tensor.add_float_data(value);
  return tensor;
}

std::vector<float> values_of(const onnx::TensorProto& tensor) {
  std::vector<float> values;
  for (std::size_t at = 0; at < tensor.raw_data().size(); at += 2) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, tensor.raw_data().data() + at, 2);
    values.push_back(tensor.data_type() == onnx::TensorProto::FLOAT16 ? f16_to_float(bits) : bf16_to_float(bits));
  }
  return values;
}

TEST(HalfTensor, RoundsToNearestAndTiesToEven) {
  const auto half = to_half(tensor_of({1.0F, 1.0F + 0x1p-11F, 1.0F + 3 * 0x1p-11F, -2.5F}), HalfType::f16, {});
  ASSERT_TRUE(half.has_value());
  EXPECT_THAT(values_of(half->tensor), ElementsAre(1.0F, 1.0F, 1.0F + 0x1p-9F, -2.5F));
  EXPECT_EQ(half->loss.overflowed + half->loss.flushed + half->loss.raised, 0U);
}

TEST(HalfTensor, CountsWhatIsBeyondTheType) {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto half =
      to_half(tensor_of({1e6F, -3.4e38F, 65504.0F, 65520.0F, infinity, 1e-8F, -1e-9F, 0.0F, 6e-8F}), HalfType::f16, {});
  ASSERT_TRUE(half.has_value());
  EXPECT_THAT(values_of(half->tensor),
              ElementsAre(65504.0F, -65504.0F, 65504.0F, 65504.0F, infinity, 0.0F, -0.0F, 0.0F, 0x1p-24F));
  EXPECT_EQ(half->loss.overflowed, 3U);
  EXPECT_EQ(half->loss.flushed, 2U);
  EXPECT_EQ(half->loss.elements, 9U);
}

TEST(HalfTensor, ANanStaysOne) {
  const auto half = to_half(tensor_of({std::nanf(""), 1.0F}), HalfType::f16, {});
  ASSERT_TRUE(half.has_value());
  EXPECT_TRUE(std::isnan(values_of(half->tensor).front()));
}

// Division by sqrt(variance + epsilon) is written with such a constant.
TEST(HalfTensor, ASingleSmallNumberDoesNotBecomeZero) {
  const auto half = to_half(tensor_of({-1e-12F}), HalfType::f16, {});
  ASSERT_TRUE(half.has_value());
  EXPECT_THAT(values_of(half->tensor), ElementsAre(-0x1p-24F));
  EXPECT_EQ(half->loss.raised, 1U);
  EXPECT_EQ(half->loss.flushed, 0U);
}

TEST(HalfTensor, Bf16ReachesAsFarAsF32) {
  const auto half =
      to_half(tensor_of({1e38F, 3.4028235e38F, 1e-12F, 1.0F + 0x1p-8F, 1.0F + 3 * 0x1p-8F}), HalfType::bf16, {});
  ASSERT_TRUE(half.has_value());
  const auto values = values_of(half->tensor);
  EXPECT_NEAR(values[0] / 1e38F, 1.0, 0x1p-8);
  EXPECT_EQ(values[1], 0x1.FEp127F) << "the largest f32 is beyond the largest bf16";
  EXPECT_NEAR(values[2] / 1e-12F, 1.0, 0x1p-8);
  EXPECT_EQ(values[3], 1.0F);
  EXPECT_EQ(values[4], 1.0F + 0x1p-6F);
  EXPECT_EQ(half->loss.overflowed, 1U);
}

TEST(HalfTensor, RefusesWhatCannotBeRead) {
  onnx::TensorProto tensor = tensor_of({1, 2, 3});
  tensor.set_dims(0, 4);
  EXPECT_FALSE(to_half(tensor, HalfType::f16, {}).has_value());
}

}  // namespace
}  // namespace trtprof::precision
