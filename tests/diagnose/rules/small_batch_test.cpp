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
  return rules::small_batch(subject.get());
}

TEST(SmallBatch, BatchOneIsTooSmallAndTheBoundHoldsAgainstBatch64) {
  const DiagnosedSubject one(stored_profile("mobilenetv2_b1_graph"), "mobilenetv2", 1);
  const DiagnosedSubject many(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer result = rules::small_batch(one.get());
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  const Finding& finding = result.findings[0];
  EXPECT_THAT(finding.title, HasSubstr("a batch of 1 leaves the device unfilled for 91.8%"));
  EXPECT_THAT(finding.commands, ElementsAre("tensorrt_profiling profile b1.engine --batch 4"));
  ASSERT_TRUE(finding.gain);
  const double measured = one.get().inference_seconds() - many.get().inference_seconds() / 64.0;
  EXPECT_GE(finding.gain->high, 0.95 * measured);  // copies are in the measured one, too
  EXPECT_LT(finding.gain->high, one.get().inference_seconds());
  EXPECT_EQ(finding.severity, Severity::critical);
}

TEST(SmallBatch, Batch64FillsTheDevice) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("of batch 64"));
  EXPECT_TRUE(result.known);
}

TEST(SmallBatch, OneLargeItemIsNeitherTooSmallNorTooLarge) {
  const RuleAnswer result = answer(stored_profile("transfer"), "transfer");
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("of batch 1"));
}

TEST(SmallBatch, SaysWhatItLacks) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b64_fp32"), "mobilenetv2", 64).why_not, HasSubstr("--no-timeline"));
  EXPECT_THAT(answer(stored_profile("mobilenetv2_cpu")).why_not, HasSubstr("CPU"));
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  profile.model.batch.reset();
  EXPECT_THAT(answer(std::move(profile)).why_not, HasSubstr("batch is not known"));
}

TEST(SmallBatch, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::small_batch(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
