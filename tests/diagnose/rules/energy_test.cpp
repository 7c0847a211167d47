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
  return rules::energy(subject.get());
}

TEST(EnergyRule, SaysWhatAnInferenceCostsAndThatMostOfItIsADeviceThatIsOn) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b1_graph"));
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  const Finding& finding = result.findings[0];
  EXPECT_EQ(finding.severity, Severity::note);
  EXPECT_THAT(finding.title, HasSubstr("29.2 mJ, at 169 W"));
  EXPECT_THAT(finding.explanation, HasSubstr("72.3% of it goes on while nothing runs"));
  EXPECT_THAT(finding.action, HasSubstr("larger batches"));
  EXPECT_FALSE(finding.gain);
}

TEST(EnergyRule, OfABatchItSaysTheEnergyOfAnItem) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("8.16 mJ an item"));
  EXPECT_THAT(result.findings[0].action, HasSubstr("INT8"));
  EXPECT_THAT(result.findings[0].action, Not(HasSubstr("FP16")));
}

TEST(EnergyRule, NearThePowerLimitItIsMoreThanANoteWhereTheProfileIsChangedToIt) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  profile.telemetry->power_limit_watts = 550.0;
  const RuleAnswer result = answer(std::move(profile), "mobilenetv2", 64);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].severity, Severity::minor);
  EXPECT_THAT(result.findings[0].action, HasSubstr("smaller batch"));
}

TEST(EnergyRule, TellsTheSourceOfTheRunItSpeaksOf) {
  const RuleAnswer result = answer(stored_profile("transfer_stream"), "transfer");
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("(the GPU's energy counter)"));
  EXPECT_THAT(result.findings[0].action, HasSubstr("FP16"));
}

TEST(EnergyRule, SaysWhyThereIsNone) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_cpu")).why_not, HasSubstr("intel-rapl"));
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b1_int8")).why_not, HasSubstr("--no-telemetry"));
}

TEST(EnergyRule, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::energy(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
