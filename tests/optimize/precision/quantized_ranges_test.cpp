#include "trtprof/optimize/precision/quantized_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"

namespace trtprof {
namespace {

using test::blocked;
using testing::Contains;
using testing::Key;
using testing::Pair;

constexpr const char* kQuantized = R"(<ir_version: 8, opset_import: ["" : 19]>
    g (float[4] x) => (float[4] y) <float s = {1000}, int8 z = {0}>
    { a = Exp(x)  q = QuantizeLinear(a, s, z)  d = DequantizeLinear(q, s, z)  e = Neg(d)  y = Tanh(e) })";

TEST(QuantizedRanges, WhatIsRoundedReachesAsFar) {
  const ValueRanges ranges = {{"a", {1e5, 0.1, 4}}, {"e", {1e5, 0.1, 4}}};
  const ValueRanges all = ranges_through_rounding(ranges, test::parsed(kQuantized));
  ASSERT_THAT(all, Contains(Key("d")));
  EXPECT_EQ(all.at("d").absmax, 1e5);
  EXPECT_EQ(all.size(), 4U) << "a, e, and the two that are a rounded";
}

TEST(QuantizedRanges, ThoseMeasuredStay) {
  const ValueRanges ranges = {{"a", {1e5, 0.1, 4}}, {"d", {7.0, 0.1, 4}}};
  EXPECT_EQ(ranges_through_rounding(ranges, test::parsed(kQuantized)).at("d").absmax, 7.0);
}

// What reads a value behind Q/DQ that f16 does not hold stays in f32, as what reads the value itself does.
TEST(QuantizedRanges, OfThemNodesStayInF32) {
  PrecisionOptions options;
  const OnnxModel model = test::parsed(kQuantized);
  options.ranges = ranges_through_rounding({{"a", {1e5, 0.1, 4}}}, model);
  EXPECT_THAT(blocked(test::converted(model, options).report),
              Contains(Pair("e", testing::HasSubstr("'d' reaches 1e+05"))));
}

}  // namespace
}  // namespace trtprof
