#include "trtprof/optimize/precision/range_analysis.h"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"
#include "support/openvino_models.h"
#include "trtprof/measure/inputs.h"

namespace trtprof {
namespace {

using test::parsed;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kLarge = R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 4] x) => (float[1, 4] y) <float big = {1000000}, float small = {0.000001}> {
      a = Mul(x, big)  b = Relu(a)  y = Mul(b, small) })";

std::map<std::string, ActivationRange> by_name(const RangeReport& report) {
  std::map<std::string, ActivationRange> ranges;
  for (const ActivationRange& range : report.values) ranges[range.value] = range;
  return ranges;
}

Result<RangeReport> ranges_of(const OnnxModel& model, const std::vector<std::vector<float>>& inputs,
                              const RangeOptions& options = {}) {
  return analyze_ranges(
      test::openvino(), model, {{"x", {1, 4}}}, inputs.size(),
      [&](std::size_t i) -> Result<NamedTensors> {
        return NamedTensors{{"x", test::f32_tensor({1, 4}, [&](std::size_t at) { return inputs[i][at]; })}};
      },
      options);
}

TEST(RangeAnalysis, ExtremesOverAllInferences) {
  const auto report = ranges_of(parsed(kLarge), {{1, -2, 0, 0.5F}, {0, 0, 3, -1e-9F}});
  ASSERT_TRUE(report.has_value()) << report.error().message;
  const auto ranges = by_name(*report);
  EXPECT_EQ(report->inferences, 2U);
  EXPECT_EQ(report->runs, 1U);
  EXPECT_EQ(ranges.at("x").min, -2.0);
  EXPECT_EQ(ranges.at("x").max, 3.0);
  EXPECT_EQ(ranges.at("a").min, -2e6);
  EXPECT_EQ(ranges.at("a").absmax, 3e6);
  EXPECT_EQ(ranges.at("b").min, 0.0);
  EXPECT_EQ(ranges.at("b").elements, 4U);
  EXPECT_EQ(ranges.at("b").seen, 8U);
  EXPECT_NEAR(ranges.at("x").smallest_nonzero, 1e-9, 1e-15);
  EXPECT_EQ(ranges.at("x").below_smallest_f16, 1U);
  EXPECT_EQ(ranges.at("b").percentiles.size(), 4U);
  EXPECT_EQ(ranges.at("b").percentiles.front().second, 0.0);
  EXPECT_NEAR(ranges.at("b").percentiles.back().second, 3e6, 1e5);
}

// The answer is right with them and infinite without.
TEST(RangeAnalysis, MeasuredRangesKeepAModelFromOverflowing) {
  const OnnxModel model = parsed(kLarge);
  const auto report = ranges_of(model, {{1, -2, 0, 0.5F}});
  ASSERT_TRUE(report.has_value()) << report.error().message;
  PrecisionOptions options;
  options.use_default_blocks = false;
  options.ranges = value_ranges(*report);
  const NamedTensors inputs{{"x", test::f32_tensor({1, 4}, [](std::size_t) { return 1.5F; })}};
  // The constant 1e6 is a reason by itself; a model that gets there by adding has none.
  const OnnxModel adding = parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 4] x) => (float[1, 4] y) <float big = {1000}, float small = {0.001}> {
      a = Mul(x, big)  b = Mul(a, big)  c = Mul(b, small)  y = Mul(c, small) })");
  const auto plain = test::converted(adding);
  EXPECT_TRUE(plain.report.blocked.empty());
  const auto wrong = evaluate(test::openvino(), plain.model, inputs, {.precision = "model"});
  ASSERT_TRUE(wrong.has_value()) << wrong.error().message;
  const auto measured = ranges_of(adding, {{1, -2, 0, 0.5F}});
  ASSERT_TRUE(measured.has_value()) << measured.error().message;
  options.ranges = value_ranges(*measured);
  const auto safe = test::converted(adding, options);
  EXPECT_EQ(test::blocked(safe.report).at("b"), "its output 'b' reaches 2e+06, and f16 is safe up to 3.275e+04");
  EXPECT_EQ(test::blocked(safe.report).size(), 2U);
  const auto right = evaluate(test::openvino(), safe.model, inputs, {.precision = "model"});
  ASSERT_TRUE(right.has_value()) << right.error().message;
  for (const float value : test::floats(right->at("y"))) EXPECT_NEAR(value, 1.5F, 0.01F);
  const auto own = test::converted(model, options);
  EXPECT_EQ(test::blocked(own.report).count("a"), 1U);
}

TEST(RangeAnalysis, ASmallLimitMeansMoreRunsAndTheSameRanges) {
  auto model = OnnxModel::load(std::string(test::kOcrModelsDir) + "/" + test::kCls.file);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const BoundShapes shapes{{"x", test::kCls.shape}};
  const auto whole = analyze_ranges_of_random(test::openvino(), *model, shapes, 2, 5);
  RangeOptions options;
  options.watched_bytes = 2 << 20;
  const auto parts = analyze_ranges_of_random(test::openvino(), *model, shapes, 2, 5, options);
  ASSERT_TRUE(whole.has_value()) << whole.error().message;
  ASSERT_TRUE(parts.has_value()) << parts.error().message;
  EXPECT_EQ(whole->runs, 1U);
  EXPECT_GT(parts->runs, 3U);
  ASSERT_EQ(whole->values.size(), parts->values.size());
  EXPECT_GT(whole->values.size(), 200U);
  for (std::size_t i = 0; i < whole->values.size(); ++i) {
    EXPECT_EQ(whole->values[i].value, parts->values[i].value);
    EXPECT_NEAR(parts->values[i].absmax, whole->values[i].absmax, 1e-3 * (1 + whole->values[i].absmax));
  }
  EXPECT_THAT(whole->warnings, testing::Contains(HasSubstr("random inputs")));
}

TEST(RangeAnalysis, SaysWhatWentWrong) {
  const auto report = analyze_ranges(test::openvino(), parsed(kLarge), {{"x", {1, 4}}}, 1,
                                     [](std::size_t) -> Result<NamedTensors> { return fail("no data"); });
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().message, "no data");
}

TEST(RangeAnalysis, NumbersThatAreNoneAreCounted) {
  const auto report = ranges_of(parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[1, 4] x) => (float[1, 4] y) { a = Log(x)  y = Relu(a) })"),
                                {{0, 1, 2, 3}});
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(by_name(*report).at("a").not_finite, 1U);
  EXPECT_THAT(report->warnings, testing::Contains("'a' has 1 values in f32 that are no finite numbers"));
}

}  // namespace
}  // namespace trtprof
