#include "trtprof/base/tensor.h"

#include <limits>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

constexpr int kTypeCount = static_cast<int>(ElementType::unknown) + 1;

TEST(ElementType, EveryNameReadsBack) {
  for (int i = 0; i < kTypeCount; ++i) {
    const auto type = static_cast<ElementType>(i);
    EXPECT_EQ(element_type_from_string(to_string(type)), type) << to_string(type);
  }
}

TEST(ElementType, NamesAreThoseOfTheProfile) {
  EXPECT_EQ(to_string(ElementType::f32), "f32");
  EXPECT_EQ(to_string(ElementType::bf16), "bf16");
  EXPECT_EQ(to_string(ElementType::boolean), "bool");
  EXPECT_EQ(to_string(ElementType::f8e4m3), "f8e4m3");
}

TEST(ElementType, UnknownNamesAreNoType) {
  for (const char* name : {"", "F32", "float32", "f32 ", "boolean"}) {
    EXPECT_EQ(element_type_from_string(name), std::nullopt) << name;
  }
}

TEST(ElementType, OnnxNames) {
  EXPECT_EQ(element_type_from_onnx_name("FLOAT"), ElementType::f32);
  EXPECT_EQ(element_type_from_onnx_name("BFLOAT16"), ElementType::bf16);
  EXPECT_EQ(element_type_from_onnx_name("FLOAT8E4M3FN"), ElementType::f8e4m3);
  EXPECT_EQ(element_type_from_onnx_name("COMPLEX64"), std::nullopt);
}

TEST(ElementType, OpenVinoNames) {
  EXPECT_EQ(element_type_from_openvino_name("f32"), ElementType::f32);
  EXPECT_EQ(element_type_from_openvino_name("boolean"), ElementType::boolean);
  EXPECT_EQ(element_type_from_openvino_name("dynamic"), ElementType::unknown);
  EXPECT_EQ(element_type_from_openvino_name("nf4"), std::nullopt);
}

TEST(ElementType, Bits) {
  EXPECT_EQ(bits_of(ElementType::f64), 64U);
  EXPECT_EQ(bits_of(ElementType::f32), 32U);
  EXPECT_EQ(bits_of(ElementType::bf16), 16U);
  EXPECT_EQ(bits_of(ElementType::boolean), 8U);
  EXPECT_EQ(bits_of(ElementType::f8e5m2), 8U);
  EXPECT_EQ(bits_of(ElementType::i4), 4U);
  EXPECT_EQ(bits_of(ElementType::string), 0U);
  EXPECT_EQ(bits_of(ElementType::unknown), 0U);
}

TEST(ElementCount, IsTheProduct) {
  EXPECT_EQ(element_count({}), 1U);
  EXPECT_EQ(element_count({5}), 5U);
  EXPECT_EQ(element_count({1, 3, 224, 224}), 150528U);
}

TEST(ElementCount, ZeroWhereAnyDimensionIsZeroWhateverTheOthers) {
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(element_count({0}), 0U);
  EXPECT_EQ(element_count({0, huge, huge}), 0U);
  EXPECT_EQ(element_count({huge, huge, 0}), 0U);
}

TEST(ElementCount, NoneForNegativeDimensionsAndOverflow) {
  const std::int64_t two_to_32 = std::int64_t{1} << 32;
  EXPECT_EQ(element_count({-1, 3}), std::nullopt);
  EXPECT_EQ(element_count({0, -1}), std::nullopt);
  EXPECT_EQ(element_count({two_to_32, two_to_32}), std::nullopt);
  EXPECT_EQ(element_count({two_to_32, two_to_32 - 1}), 0xFFFF'FFFF'0000'0000U);
}

TEST(ShapeToString, ReadsAsOnTheCommandLine) {
  EXPECT_EQ(shape_to_string({1, 3, 224, 224}), "1x3x224x224");
  EXPECT_EQ(shape_to_string({7}), "7");
  EXPECT_EQ(shape_to_string({}), "scalar");
  EXPECT_EQ(shape_to_string({-1, 0, 3}), "?x0x3");
}

}  // namespace
}  // namespace trtprof
