#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

RuleAnswer answer(Profile profile, const std::string& sample = "mobilenetv2", std::int64_t batch = 1) {
  const DiagnosedSubject subject(std::move(profile), sample, batch);
  return rules::noisy_measurement(subject.get());
}

TEST(NoisyMeasurementRule, AMedianThatIsHardlyKnownSaysWhichDifferencesAreChance) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b1_stream"));
  ASSERT_GE(result.findings.size(), 1U) << result.why_not;
  EXPECT_EQ(result.findings[0].title, "medians are not known well: end to end to +-6.4%");
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("below 9.1% may be chance"));
  EXPECT_EQ(result.findings[0].severity, Severity::major);
  EXPECT_THAT(result.findings[0].commands,
              ElementsAre("tensorrt_profiling profile b1.engine --no-graph --duration 60"));
}

TEST(NoisyMeasurementRule, OneThatConvergedIsNot) {
  const RuleAnswer result = answer(stored_profile("transfer_stream"), "transfer");
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("end to end to +-1.03%, layer run to +-0.19%"));
}

TEST(NoisyMeasurementRule, LayerTimingIsADoubtWithoutKernelsTimestampsAlone) {
  const RuleAnswer without = answer(stored_profile("mobilenetv2_b1_fp16_beside_int8"));
  ASSERT_GE(without.findings.size(), 1U);
  EXPECT_THAT(without.findings[0].title, HasSubstr("layer timing adds 124.3%"));
  for (const Finding& finding : answer(stored_profile("mobilenetv2_b1_graph")).findings) {
    EXPECT_THAT(finding.title, Not(HasSubstr("layer timing")));
  }
}

TEST(NoisyMeasurementRule, ABusyMachineAndAnUnsteadyWarmUpAreSaid) {
  const RuleAnswer cpu = answer(stored_profile("mobilenetv2_cpu"));
  EXPECT_THAT(cpu.findings, testing::Contains(testing::Field(&Finding::explanation, HasSubstr("load average"))));
  EXPECT_THAT(cpu.findings, testing::Contains(testing::Field(&Finding::title, HasSubstr("end to end to +-19.4%"))));
  EXPECT_THAT(answer(stored_profile("transfer_pageable"), "transfer").findings,
              testing::Contains(testing::Field(&Finding::title, HasSubstr("still falling when warm-up ended"))));
}

TEST(NoisyMeasurementRule, TwoGroupsOfTimesAreFoundWhereTheProfileIsChangedToThem) {
  Profile profile = stored_profile("transfer_stream");
  std::vector<double> samples(60, 2.0e-3);
  samples.resize(100, 2.5e-3);
  profile.end_to_end->total = series_of(samples);
  const RuleAnswer result = answer(std::move(profile), "transfer");
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  EXPECT_EQ(result.findings[0].title, "end to end: times fall into two groups 25.0% apart");
  EXPECT_EQ(result.findings[0].severity, Severity::critical);
}

TEST(NoisyMeasurementRule, LostRecordsAndAnInterruptionAreFoundWhereTheProfileIsChangedToThem) {
  Profile profile = stored_profile("transfer_stream");
  profile.timeline->lost_records = 3;
  profile.partial = true;
  const RuleAnswer result = answer(std::move(profile), "transfer");
  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("3 records were lost"));
  EXPECT_EQ(result.findings[1].title, "the measurement was interrupted");
}

TEST(NoisyMeasurementRule, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::noisy_measurement(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
