#include "trtprof/optimize/precision/batch_norm.h"

#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"
#include "trtprof/base/half.h"

namespace trtprof {
namespace {

using test::converted;
using test::parsed;

constexpr const char* kModel = R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 2, 3] x) => (float[1, 2, 3] y)
    <float[2] scale = {1, 2}, float[2] bias = {0.5, -1}, float[2] mean = {10000, 3}, float[2] var = {98000000, 0.25}> {
      y = BatchNormalization <epsilon = 0.001> (x, scale, bias, mean, var) })";

std::vector<float> halves(const OnnxModel& model, const std::string& name) {
  std::vector<float> values;
  for (const auto& tensor : model.proto().graph().initializer()) {
    for (std::size_t at = 0; tensor.name() == name && at < tensor.raw_data().size(); at += 2) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, tensor.raw_data().data() + at, 2);
      values.push_back(f16_to_float(bits));
    }
  }
  return values;
}

// A variance of 9.8e7 has no place in f16; real text detectors have such.
TEST(BatchNorm, LargeStatisticsGoIntoScaleAndBias) {
  const auto result = converted(kModel);
  EXPECT_TRUE(result.report.blocked.empty());
  EXPECT_TRUE(result.report.losses.empty());
  const auto scale = halves(result.model, "scale");
  const auto bias = halves(result.model, "bias");
  ASSERT_EQ(scale.size(), 2U);
  ASSERT_EQ(bias.size(), 2U);
  EXPECT_NEAR(scale[0], std::sqrt(1.001) / std::sqrt(98e6 + 0.001), 1e-7);
  EXPECT_NEAR(scale[1], 2 * std::sqrt(1.001 / 0.251), 4e-3);
  EXPECT_NEAR(bias[0], 0.5 - 1e4 / std::sqrt(98e6), 1e-3);
  EXPECT_NEAR(bias[1], -1 - 6 / std::sqrt(0.251), 8e-3);
  EXPECT_THAT(halves(result.model, "mean"), testing::ElementsAre(0, 0));
  EXPECT_THAT(halves(result.model, "var"), testing::ElementsAre(1, 1));
}

TEST(BatchNorm, WeightsThatOthersReadTooAreNotTouched) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 2, 3] x) => (float[1, 2, 3] y, float[2] z)
    <float[2] scale = {1, 2}, float[2] shared = {0.5, -1}, float[2] var = {4, 9}> {
      a = BatchNormalization(x, scale, shared, shared, var)
      y = BatchNormalization(a, scale, shared, shared, var)
      z = Relu(shared) })");
  EXPECT_TRUE(result.report.blocked.empty());
  const auto& graph = result.model.proto().graph();
  EXPECT_EQ(graph.initializer_size(), 9) << "four for each, and the one that Relu reads";
  EXPECT_THAT(halves(result.model, "shared"), testing::ElementsAre(0.5F, -1.0F));
}

TEST(BatchNorm, StatisticsThatAreComputedStay) {
  OnnxModel model = parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 2, 3] x, float[2] mean) => (float[1, 2, 3] y)
    <float[2] scale = {1, 2}, float[2] bias = {0.5, -1}, float[2] var = {98000000, 9}> {
      y = BatchNormalization(x, scale, bias, mean, var) })");
  const auto result = converted(model);
  ASSERT_EQ(result.report.blocked.size(), 1U);
  EXPECT_EQ(result.report.blocked.front().reason, "its weights 'var' reach 9.8e+07, beyond f16");
}

TEST(BatchNorm, TrainingIsNoInference) {
  OnnxModel model = parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 2, 3] x) => (float[1, 2, 3] y)
    <float[2] scale = {1, 2}, float[2] bias = {0.5, -1}, float[2] mean = {1, 2}, float[2] var = {4, 9}> {
      y = BatchNormalization <training_mode = 1> (x, scale, bias, mean, var) })");
  const precision::TypedGraph graph(model);
  EXPECT_FALSE(precision::has_constant_statistics(graph, graph.node(0)));
  EXPECT_FALSE(precision::unit_statistics(graph, graph.node(0), {}).has_value());
}

}  // namespace
}  // namespace trtprof
