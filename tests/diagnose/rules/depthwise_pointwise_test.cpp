#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(DepthwisePointwise, DepthwiseResultsThatPassThroughMemory) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = rules::depthwise_pointwise(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  const Finding* finding = &answer.findings.front();
  EXPECT_THAT(finding->title, StartsWith("17 depthwise convolutions"));
  // Results of the 17 depthwise convolutions in FP16 at batch 64, written and read.
  EXPECT_NEAR(finding->evidence.front().value, 589.3e6, 1e5);
  EXPECT_EQ(finding->evidence.front().layers.size(), 34U);
  ASSERT_TRUE(finding->gain);
  EXPECT_NEAR(finding->gain->high, 589.3e6 / 4.3e12, 1e-7);
  EXPECT_EQ(finding->gain->low, 0.0);  // each fits in the L2 cache
  EXPECT_THAT(finding->explanation, HasSubstr("15 % for depthwise+pointwise"));
}

TEST(DepthwisePointwise, SomeOfTheResultsInFp32AreLargerThanTheCache) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_fp32"), "mobilenetv2", 64);
  const RuleAnswer answer = rules::depthwise_pointwise(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  EXPECT_THAT(answer.findings.front().explanation, HasSubstr("14 of the 17 results fit in the L2 cache"));
  EXPECT_GT(answer.findings.front().gain->low, 0.0);
  EXPECT_LT(answer.findings.front().gain->low, answer.findings.front().gain->high);
}

TEST(DepthwisePointwise, ResultsOfBatchOneStayInTheCache) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_graph"), "mobilenetv2", 1);
  const RuleAnswer answer = rules::depthwise_pointwise(subject.get());
  EXPECT_THAT(answer.findings, IsEmpty());
  EXPECT_THAT(answer.why_not, HasSubstr("stay in the L2 cache"));
}

TEST(DepthwisePointwise, SaysWhatItLacks) {
  const RuleAnswer without =
      rules::depthwise_pointwise(DiagnosedSubject(stored_profile("mobilenetv2_b64_graph")).get());
  EXPECT_FALSE(without.known);
  EXPECT_THAT(without.why_not, HasSubstr("not at hand"));
  EXPECT_FALSE(rules::depthwise_pointwise(DiagnosedSubject{bare_profile()}.get()).known);
  const DiagnosedSubject other(stored_profile("transformer"), "transformer", 1);
  EXPECT_THAT(rules::depthwise_pointwise(other.get()).why_not, HasSubstr("no depthwise convolution runs apart"));
}

}  // namespace
}  // namespace trtprof::test
