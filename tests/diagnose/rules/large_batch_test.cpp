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
  return rules::large_batch(subject.get());
}

TEST(LargeBatch, Batch64IsMoreThanItTakesToFillTheDevice) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  EXPECT_THAT(result.findings[0].title, HasSubstr("more than the device needs"));
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("10 layers bound by the memory"));
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("up to a batch of 20"));
  EXPECT_EQ(result.findings[0].severity, Severity::minor) << "a hint, whatever the cache might give";
  ASSERT_TRUE(result.findings[0].gain);
  EXPECT_EQ(result.findings[0].gain->low, 0.0);
}

TEST(LargeBatch, BatchOneIsNotTooLarge) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b1_graph"));
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("of batch 1"));
}

TEST(LargeBatch, OneLargeItemIsNeitherTooSmallNorTooLarge) {
  const RuleAnswer result = answer(stored_profile("transfer"), "transfer");
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("of batch 1"));
}

TEST(LargeBatch, SaysWhatItLacks) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b64_fp32"), "mobilenetv2", 64).why_not, HasSubstr("--no-timeline"));
  EXPECT_THAT(answer(stored_profile("mobilenetv2_cpu")).why_not, HasSubstr("CPU"));
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  profile.model.batch.reset();
  EXPECT_THAT(answer(std::move(profile)).why_not, HasSubstr("batch is not known"));
}

TEST(LargeBatch, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::large_batch(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
