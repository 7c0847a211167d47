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
  return rules::host_bound(subject.get());
}

TEST(HostBoundRule, TheTransformerOnAStreamWaitsForTheHostBetweenInferences) {
  const RuleAnswer result = answer(stored_profile("transformer_stream"), "transformer");
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  EXPECT_THAT(result.findings[0].title, HasSubstr("17.0%"));
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("does other things for 43.0 us"));
  ASSERT_TRUE(result.findings[0].gain);
  EXPECT_NEAR(result.findings[0].gain->high, 40e-6, 0.5e-6);
  EXPECT_EQ(result.findings[0].severity, Severity::major);
}

TEST(HostBoundRule, QueuedInferencesAreNotAndCopiesOfPageableMemoryAreNotTheHost) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b1_graph")).findings, IsEmpty());
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b64_pageable"), "mobilenetv2", 64).findings, IsEmpty());
  EXPECT_THAT(answer(stored_profile("transfer"), "transfer").findings, IsEmpty());
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b1_graph")).why_not, HasSubstr("complete every 168 us"));
}

TEST(HostBoundRule, AnIntervalOf400MicrosecondsIsFoundWhereTheProfileIsChangedToIt) {
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  profile.end_to_end->interval = series_of(std::vector<double>(20, 400e-6));
  const RuleAnswer result = answer(std::move(profile));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_NEAR(result.findings[0].gain->high, 400e-6 - 166.2e-6, 0.5e-6);
  EXPECT_EQ(result.findings[0].severity, Severity::critical);
}

TEST(HostBoundRule, WithoutAnIntervalNothingIsKnownOfTheTimeBetween) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b64_blocking"), "mobilenetv2", 64);
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("one inference was queued at a time"));
}

// The stored run knows its median to more than the 14 % that lie outside of the layers.
TEST(HostBoundRule, OnACpuTimeOutsideOfLayersIsFoundOnceItIsKnown) {
  Profile profile = stored_profile("mobilenetv2_cpu");
  const RuleAnswer noisy = answer(profile);
  EXPECT_THAT(noisy.findings, IsEmpty());
  EXPECT_THAT(noisy.why_not, HasSubstr("13.9% of an inference lie outside of its layers"));
  profile.end_to_end->total = series_of(std::vector<double>(20, 2314e-6));
  profile.layer_run->total = series_of(std::vector<double>(20, 2446e-6));
  const RuleAnswer steady = answer(std::move(profile));
  ASSERT_EQ(steady.findings.size(), 1U) << steady.why_not;
  EXPECT_NEAR(steady.findings[0].gain->high, 321e-6, 2e-6);
  EXPECT_EQ(steady.findings[0].severity, Severity::major);
  EXPECT_THAT(steady.findings[0].commands[1], HasSubstr("--hint throughput"));
}

TEST(HostBoundRule, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::host_bound(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
