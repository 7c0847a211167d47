#include "trtprof/optimize/loop/accuracy_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

OutputError output(double sqnr_db, std::uint64_t agreeing) {
  OutputError error;
  error.output = "logits";
  error.elements = 10000;
  error.sqnr_db = sqnr_db;
  error.cosine = 0.999;
  error.agreement = ClassAgreement{1000, agreeing, std::nullopt};
  return error;
}

AccuracyResult labelled(std::uint64_t right) {
  AccuracyResult result;
  result.samples = 1000;
  result.outputs = {output(20.0, 980)};
  result.labels = LabelAccuracy{"logits", 1000, {991, std::nullopt}, {right, std::nullopt}, {1000, 991 - right, 0}};
  return result;
}

TEST(AccuracyGate, WithLabelsOnePointStandsIn) {
  const auto good = judge_accuracy(labelled(985), {});
  ASSERT_TRUE(good.has_value());
  EXPECT_TRUE(good->passed);
  EXPECT_EQ(good->gate, "top-1 drops by at most 1 point");
  EXPECT_EQ(accuracy_text(*good), "top-1 98.5 % (reference 99.1 %)");
  const auto bad = judge_accuracy(labelled(970), {});
  ASSERT_TRUE(bad.has_value());
  EXPECT_FALSE(bad->passed);
  ASSERT_EQ(bad->failures.size(), 1U);
}

TEST(AccuracyGate, TheUsersGatesCount) {
  EXPECT_FALSE(judge_accuracy(labelled(985), {std::nullopt, 0.5})->passed);
  EXPECT_TRUE(judge_accuracy(labelled(900), {0.97, std::nullopt})->passed) << "he asked for agreement alone";
  EXPECT_FALSE(judge_accuracy(labelled(990), {0.99, std::nullopt})->passed);
}

TEST(AccuracyGate, WithoutLabelsAgreement) {
  AccuracyResult result = labelled(991);
  result.labels.reset();
  EXPECT_FALSE(judge_accuracy(result, {})->passed) << "980 of 1000";
  result.outputs = {output(20.0, 995)};
  EXPECT_TRUE(judge_accuracy(result, {})->passed);
  EXPECT_THAT(judge_accuracy(result, {})->gate, HasSubstr("99 % of rows"));
}

TEST(AccuracyGate, OnRandomInputsTheSqnr) {
  AccuracyResult result;
  result.samples = 64;
  result.random_data = true;
  result.outputs = {output(40.0, 10)};
  EXPECT_TRUE(judge_accuracy(result, {})->passed) << "classes of noise tell nothing";
  result.outputs.push_back(output(29.0, 1000));
  const auto far = judge_accuracy(result, {});
  EXPECT_FALSE(far->passed);
  EXPECT_THAT(far->failures.at(0), HasSubstr("29.0 dB"));
  result.outputs[1] = output(60.0, 1000);
  result.outputs[1].not_finite_apart = 3;
  EXPECT_FALSE(judge_accuracy(result, {})->passed);
  result.outputs[1] = OutputError{};
  result.outputs[1].identical = true;
  EXPECT_THAT(judge_accuracy(result, {})->failures, IsEmpty()) << "identical has no SQNR";
  result.outputs[1].identical = false;
  EXPECT_FALSE(judge_accuracy(result, {})->passed) << "all zero is not near";
}

}  // namespace
}  // namespace trtprof::test
