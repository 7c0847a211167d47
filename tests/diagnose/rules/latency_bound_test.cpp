#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

RuleAnswer answer(Profile profile, const std::string& sample = "mobilenetv2", std::int64_t batch = 1) {
  const DiagnosedSubject subject(std::move(profile), sample, batch);
  return rules::latency_bound(subject.get());
}

TEST(LatencyBoundRule, BatchOneInAGraphIsAllKernelsTooSmallToFillTheDevice) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b1_graph"));
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  const Finding& finding = result.findings[0];
  EXPECT_THAT(finding.title, HasSubstr("55 layers"));
  EXPECT_THAT(finding.explanation, HasSubstr("48 blocks or fewer, for 132 multiprocessors"));
  EXPECT_EQ(finding.evidence[0].layers.size(), 55U);
  ASSERT_TRUE(finding.gain);
  EXPECT_NEAR(finding.gain->high, 157.7e-6, 1e-6);
  EXPECT_EQ(finding.severity, Severity::critical);
}

TEST(LatencyBoundRule, OnAStreamTheHostLeavesNothingToGain) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b1_stream"));
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  ASSERT_TRUE(result.findings[0].gain);
  EXPECT_EQ(result.findings[0].gain->high, 0.0);
  EXPECT_EQ(result.findings[0].severity, Severity::note);
}

TEST(LatencyBoundRule, ALargeBatchIsNotNorIsOneLargeKernel) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64).findings, IsEmpty());
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64).why_not, HasSubstr("10 layers"));
  EXPECT_THAT(answer(stored_profile("transfer"), "transfer").why_not, HasSubstr("no layer"));
}

TEST(LatencyBoundRule, WithoutCeilingsBlocksAloneTellAndThereIsNoGain) {
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  profile.environment.device_name = "a device of no table";
  const RuleAnswer result = answer(std::move(profile));
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  EXPECT_FALSE(result.findings[0].gain);
  EXPECT_LT(result.findings[0].evidence[0].layers.size(), 55U);
}

TEST(LatencyBoundRule, WithoutATimelineItSaysHowToGetOne) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b1_int8")).why_not, HasSubstr("--no-timeline"));
}

TEST(LatencyBoundRule, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::latency_bound(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
