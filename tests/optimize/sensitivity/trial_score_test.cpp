#include "trtprof/optimize/sensitivity/trial_score.h"

#include <cmath>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

OutputError output(std::optional<double> sqnr) {
  OutputError error;
  error.output = "y";
  error.elements = 10;
  error.sqnr_db = sqnr;
  error.max_absolute = sqnr ? 0.1 : 0.0;
  return error;
}

TEST(TrialScore, IsOfTheWorstOutput) {
  AccuracyResult result;
  result.samples = 5;
  result.outputs = {output(40.0), output(20.0)};
  result.outputs[0].agreement = ClassAgreement{100, 90, std::nullopt};
  result.outputs[1].agreement = ClassAgreement{100, 99, std::nullopt};
  const TrialScore score = score_of(result);
  EXPECT_NEAR(score.error, 0.1, 1e-12);
  EXPECT_NEAR(score.sqnr_db().value(), 20.0, 1e-9);
  EXPECT_DOUBLE_EQ(score.agreement.value(), 0.9);
  EXPECT_EQ(score.samples, 5U);
  EXPECT_FALSE(score.top1.has_value());
}

TEST(TrialScore, OfTheSameAnswersIsZero) {
  AccuracyResult result;
  result.outputs = {output(std::nullopt)};
  EXPECT_EQ(score_of(result).error, 0.0);
  EXPECT_FALSE(score_of(result).sqnr_db().has_value());
}

TEST(TrialScore, OfWhatIsNoNumberIsInfinite) {
  AccuracyResult result;
  result.outputs = {output(80.0)};
  result.outputs[0].not_finite_apart = 1;
  EXPECT_TRUE(std::isinf(score_of(result).error));
  result.outputs = {output(std::nullopt)};
  result.outputs[0].max_absolute = 0.5;  // of a reference that is all zero
  EXPECT_TRUE(std::isinf(score_of(result).error));
}

TEST(TrialScore, KnowsTheLabels) {
  AccuracyResult result;
  result.outputs = {output(30.0)};
  LabelAccuracy labels;
  labels.samples = 200;
  labels.reference.top1 = 198;
  labels.other.top1 = 190;
  labels.top1 = {200, 9, 1};
  result.labels = labels;
  EXPECT_DOUBLE_EQ(score_of(result).top1.value(), 0.95);
  EXPECT_DOUBLE_EQ(score_of(result).drop.value(), 0.04);
}

}  // namespace
}  // namespace trtprof
