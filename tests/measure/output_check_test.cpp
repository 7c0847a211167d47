#include "trtprof/measure/output_check.h"

#include <bit>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_backend.h"
#include "trtprof/base/half.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

template <class Value>
Tensor tensor_of(ElementType type, const std::vector<Value>& values) {
  Tensor tensor;
  tensor.type = type;
  tensor.shape = {static_cast<std::int64_t>(values.size())};
  tensor.data.resize(values.size() * sizeof(Value));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

// 0, largest, NaN, -NaN, infinity, -infinity, -infinity, and a subnormal, in the type that `convert` makes.
template <class Convert>
auto samples(double largest, Convert convert) {
  using Value = decltype(convert(0.0));
  std::vector<Value> values;
  for (const double value : {0.0, largest, kNan, -kNan, kInf, -kInf, -kInf, 1e-7}) values.push_back(convert(value));
  return values;
}

void expect_two_nan_and_three_infinite(const Tensor& tensor) {
  const NonFiniteCount count = count_non_finite(tensor);
  EXPECT_EQ(count.nan, 2U) << to_string(tensor.type);
  EXPECT_EQ(count.infinite, 3U) << to_string(tensor.type);
}

TEST(CountNonFinite, TellsNanFromInfinityInEveryFloatingPointType) {
  const auto f32 = [](double value) { return static_cast<float>(value); };
  expect_two_nan_and_three_infinite(tensor_of(ElementType::f64, samples(1e308, [](double value) { return value; })));
  expect_two_nan_and_three_infinite(tensor_of(ElementType::f32, samples(3e38, f32)));
  expect_two_nan_and_three_infinite(
      tensor_of(ElementType::f16, samples(65504.0, [&](double value) { return float_to_f16(f32(value)); })));
  expect_two_nan_and_three_infinite(
      tensor_of(ElementType::bf16, samples(3e38, [&](double value) { return float_to_bf16(f32(value)); })));
}

TEST(CountNonFinite, IntegersAreAllFinite) {
  const NonFiniteCount count =
      count_non_finite(tensor_of<std::int32_t>(ElementType::i32, {-1, 0x7F800000, 0x7FC00000}));
  EXPECT_EQ(count.nan, 0U);
  EXPECT_EQ(count.infinite, 0U);
}

std::unique_ptr<CompiledModel> model_with(std::map<std::string, Tensor> outputs) {
  test::FakeScript script;
  for (const auto& [name, tensor] : outputs) {
    TensorDesc desc;
    desc.name = name;
    desc.element_type = to_string(tensor.type);
    desc.shape = tensor.shape;
    script.outputs.push_back(desc);
  }
  script.output_values = std::move(outputs);
  test::FakeBackend backend(std::move(script), test::FakeClock());
  return backend.compile({}, {}).value();
}

TEST(OutputRemarks, NamesTheOutputThatHoldsNoNumbers) {
  const auto model = model_with({{"good", tensor_of<float>(ElementType::f32, {1.0F, 2.0F})},
                                 {"bad", tensor_of<float>(ElementType::f32, {1.0F, static_cast<float>(kNan), 0.0F})}});
  ASSERT_TRUE(model->run_once());
  const Remarks remarks = output_remarks(*model);
  EXPECT_THAT(remarks.notes, ElementsAre(HasSubstr("\"bad\" holds 1 NaN and 0 infinite values of 3")));
  EXPECT_TRUE(remarks.warnings.empty());
}

TEST(OutputRemarks, AnOutputThatCannotBeReadIsNoted) {
  const auto model = model_with({{"y", tensor_of<float>(ElementType::f32, {1.0F})}});
  EXPECT_THAT(output_remarks(*model).notes, ElementsAre(HasSubstr("before the first inference")));
}

}  // namespace
}  // namespace trtprof
