#include "trtprof/optimize/precision/overflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"

namespace trtprof {
namespace {

using test::blocked;
using test::converted;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* kChain = R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[4] x) => (float[4] y) { a = Relu(x)  b = Exp(a)  c = Sqrt(b)  y = Neg(c) })";

TEST(Overflow, WhoMakesAndWhoReadsALargeValueStay) {
  PrecisionOptions options;
  options.ranges = {{"x", {3, 0, 4}}, {"a", {3, 0, 4}}, {"b", {1.2e6, 0, 4}}, {"c", {1095, 0, 4}}, {"y", {1095, 0, 4}}};
  const auto result = converted(kChain, options);
  EXPECT_THAT(blocked(result.report),
              UnorderedElementsAre(Pair("b", "its output 'b' reaches 1.2e+06, and f16 is safe up to 3.275e+04"),
                                   Pair("c", "its input 'b' reaches 1.2e+06, and f16 is safe up to 3.275e+04")));
  EXPECT_THAT(test::ops(result.model),
              testing::ElementsAre("Cast", "Relu", "Cast", "Exp", "Sqrt", "Cast", "Neg", "Cast"));
}

TEST(Overflow, TheMarginIsTheUsers) {
  PrecisionOptions options;
  options.ranges = {{"b", {40'000, 0, 4}}};
  EXPECT_EQ(converted(kChain, options).report.blocked.size(), 2U);
  options.overflow_margin = 1.0;
  EXPECT_EQ(converted(kChain, options).report.blocked.size(), 0U);
}

TEST(Overflow, Bf16ReachesFurther) {
  PrecisionOptions options;
  options.type = HalfType::bf16;
  options.ranges = {{"b", {1.2e6, 0, 4}}};
  EXPECT_EQ(converted(kChain, options).report.blocked.size(), 0U);
}

TEST(Overflow, SumsInsideAnOperatorCount) {
  const std::string model = R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[1, 4, 100, 100] x) => (float[1, 4, 1, 1] m, float[1, 4, 1, 1] p, float[1, 4, 1, 1] l) {
        a = Relu(x)  m = ReduceMean <axes = [2, 3]> (a)  p = GlobalAveragePool(a)  l = ReduceL2 <axes = [2, 3]> (a) })";
  PrecisionOptions options;
  options.ranges = {{"a", {9, 0, 40'000}}, {"m", {4, 0, 4}}, {"p", {3, 0, 4}}, {"l", {300, 0, 4}}};
  EXPECT_THAT(
      blocked(converted(model, options).report),
      UnorderedElementsAre(Pair("m", "its sum inside reaches 4e+04, and f16 is safe up to 3.275e+04"),
                           Pair("l", "its sum of squares inside reaches 9e+04, and f16 is safe up to 3.275e+04")));
}

TEST(Overflow, ValuesThatWereNotMeasuredAreNoReason) {
  PrecisionOptions options;
  options.ranges = {{"elsewhere", {1e9, 0, 1}}};
  EXPECT_EQ(converted(kChain, options).report.blocked.size(), 0U);
}

}  // namespace
}  // namespace trtprof
