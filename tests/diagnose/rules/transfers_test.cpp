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
  return rules::transfers(subject.get());
}

const Finding* titled(const RuleAnswer& answer, const std::string& words) {
  for (const Finding& finding : answer.findings) {
    if (finding.title.find(words) != std::string::npos) return &finding;
  }
  return nullptr;
}

TEST(TransfersRule, TheTransferSampleIsDominatedByCopiesAndHasNoOtherFault) {
  const RuleAnswer result = answer(stored_profile("transfer"), "transfer");
  ASSERT_EQ(result.findings.size(), 1U) << result.why_not;
  const Finding& finding = result.findings[0];
  EXPECT_THAT(finding.title, HasSubstr("98.4%"));
  EXPECT_THAT(finding.explanation, HasSubstr("50.3 MB to the device in 1.04 ms"));
  EXPECT_EQ(finding.severity, Severity::critical);
  ASSERT_TRUE(finding.gain);
  EXPECT_NEAR(finding.gain->high, 2028e-6, 1e-6);
  EXPECT_THAT(finding.commands, ElementsAre("tensorrt_profiling profile transfer.engine --no-transfers"));
}

TEST(TransfersRule, CopiesBesideTheComputeOfOthersAreNoFindingAndSaidWhyNot) {
  for (const char* name : {"mobilenetv2_b64_graph", "mobilenetv2_b1_graph", "mobilenetv2_b1_stream"}) {
    const RuleAnswer result = answer(stored_profile(name), "mobilenetv2", std::string(name).find("b64") == 12 ? 64 : 1);
    EXPECT_THAT(result.findings, IsEmpty()) << name;
    EXPECT_THAT(result.why_not, HasSubstr("of an inference: ")) << name;
  }
  EXPECT_THAT(answer(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64).why_not,
              HasSubstr("an inference completes every 984 us, its compute takes 981 us"));
}

// What page-locked memory did give is in the profiles of the same engine with it.
TEST(TransfersRule, TheGainOfPageLockedMemoryHoldsAgainstTheRunsThatHaveIt) {
  struct Pair {
    const char* slow;
    const char* sample;
    std::int64_t batch;
    const char* fast;
  };
  for (const Pair& pair : {Pair{"mobilenetv2_b64_pageable", "mobilenetv2", 64, "mobilenetv2_b64_graph"},
                           Pair{"transfer_pageable", "transfer", 1, "transfer"}}) {
    const DiagnosedSubject slow(stored_profile(pair.slow), pair.sample, pair.batch);
    const DiagnosedSubject fast(stored_profile(pair.fast), pair.sample, pair.batch);
    const double measured = slow.get().inference_seconds() - fast.get().inference_seconds();
    const RuleAnswer result = rules::transfers(slow.get());
    const Finding* finding = titled(result, "pageable memory");
    ASSERT_NE(finding, nullptr) << pair.slow;
    ASSERT_TRUE(finding->gain);
    EXPECT_EQ(finding->gain->basis, GainBasis::bound);
    EXPECT_LE(finding->gain->low, measured);
    EXPECT_GE(finding->gain->high, measured);
    EXPECT_LE(finding->gain->high, 1.1 * measured);
    for (const std::string& line : finding->commands) EXPECT_THAT(line, Not(HasSubstr("--pageable")));
  }
}

TEST(TransfersRule, TheGainOfOverlapHoldsAgainstTheRunThatHasIt) {
  const DiagnosedSubject blocking(stored_profile("mobilenetv2_b64_blocking"), "mobilenetv2", 64);
  const DiagnosedSubject overlapped(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer result = rules::transfers(blocking.get());
  const Finding* finding = titled(result, "blocking copies");
  ASSERT_NE(finding, nullptr);
  ASSERT_TRUE(finding->gain);
  const double measured = blocking.get().inference_seconds() - *overlapped.get().account->interval;
  EXPECT_GE(finding->gain->high, measured);
  EXPECT_LE(finding->gain->high, 1.1 * measured);
  EXPECT_EQ(titled(result, "pageable"), nullptr);
}

TEST(TransfersRule, WithoutCeilingsThereIsNoGainOfPageLockedMemory) {
  Profile profile = stored_profile("mobilenetv2_b64_pageable");
  profile.environment.device_name = "a device of no table";
  const RuleAnswer result = answer(std::move(profile), "mobilenetv2", 64);
  const Finding* finding = titled(result, "pageable memory");
  ASSERT_NE(finding, nullptr);
  EXPECT_FALSE(finding->gain);
  EXPECT_THAT(finding->explanation, HasSubstr("not known"));
}

TEST(TransfersRule, ARunThatCopiesAtAThirdOfTheRateIsFoundWhereTheProfileIsChangedToIt) {
  Profile profile = stored_profile("transfer");
  for (double& sample : profile.end_to_end->host_to_device->samples) sample *= 3.0;
  for (double& sample : profile.end_to_end->total.samples) sample += 2e-3;
  const RuleAnswer result = answer(std::move(profile), "transfer");
  const Finding* finding = titled(result, "copies to the device run at 16.2 GB/s of the 51.9 GB/s");
  ASSERT_NE(finding, nullptr);
  EXPECT_NEAR(finding->gain->high, 3 * 1037e-6 - 970e-6, 5e-6);
}

TEST(TransfersRule, ManySmallCopiesAreCountedWhereTheProfileIsChangedToHaveThem) {
  Profile profile = stored_profile("transformer");
  for (TimelineTransfer& transfer : profile.timeline->transfers) {
    if (transfer.what != "host to device") continue;
    transfer.count = 32.0;
    transfer.bytes = 32.0 * 1024.0;
    transfer.time = series_of(std::vector<double>(20, 32e-6));
  }
  const RuleAnswer result = answer(profile, "transformer");
  const Finding* finding = titled(result, "32 copies of 1.02 kB each from host to device");
  ASSERT_NE(finding, nullptr);
  EXPECT_NEAR(finding->gain->high, 31e-6, 1e-9);
  EXPECT_EQ(finding->severity, Severity::critical);
  EXPECT_EQ(titled(answer(stored_profile("transformer"), "transformer"), "each from"), nullptr);
}

TEST(TransfersRule, OneInferenceAtATimeIsFoundWhereTheProfileIsChangedToIt) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  profile.end_to_end->interval.reset();
  EXPECT_NE(titled(answer(std::move(profile), "mobilenetv2", 64), "one inference at a time"), nullptr);
}

TEST(TransfersRule, SaysThatACpuCopiesNothing) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_cpu")).why_not, HasSubstr("CPU"));
}

TEST(TransfersRule, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::transfers(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
