#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/rule_answers.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::test {
namespace {

using rules::convolution_dominance;
using testing::Contains;
using testing::HasSubstr;

TEST(ConvolutionDominance, ABatchOf64IsConvolutionsAndHalfOfThemDepthwise) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = convolution_dominance(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_EQ(finding.severity, Severity::critical);
  EXPECT_NEAR(evidence(finding, "convolutions, of the layers' time").value, 0.968, 0.001);
  EXPECT_NEAR(evidence(finding, "convolutions, depthwise").value, 501e-6, 1e-6);
  EXPECT_EQ(evidence(finding, "convolutions, depthwise").layers.size(), 17u);
  EXPECT_NEAR(evidence(finding, "convolutions, pointwise (1x1)").value, 411e-6, 1e-6);
  EXPECT_EQ(evidence(finding, "convolutions, pointwise (1x1)").layers.size(), 34u);
  EXPECT_EQ(evidence(finding, "convolutions, with a larger kernel").layers.size(), 1u);  // the stem
  EXPECT_THAT(finding.title, HasSubstr("97%"));
  EXPECT_THAT(finding.action, HasSubstr("depthwise"));
  EXPECT_THAT(finding.commands, Contains("tensorrt_profiling inspect b64.engine"));
}

// By hand, at 4.3 TB/s: 411 us for each layer by itself, 275 us with the tensors between the 17 depthwise layers and
// the 1x1 behind them neither written nor read.
TEST(ConvolutionDominance, SaysWhatFusingDepthwiseAndPointwiseCouldGive) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = convolution_dominance(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_NEAR(evidence(finding, "saved at the limits by fusing depthwise and 1x1 convolutions").value, 136e-6, 2e-6);
  EXPECT_THAT(finding.explanation, HasSubstr("17 pairs"));
}

TEST(ConvolutionDominance, WhatThereIsToGainIsTheDistanceFromTheLimitsOfLayersThatALimitBinds) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = convolution_dominance(subject.get());
  const Finding& finding = only_finding(answer);
  ASSERT_TRUE(finding.gain);
  EXPECT_EQ(finding.gain->basis, GainBasis::bound);
  EXPECT_EQ(finding.gain->low, 0.0);
  EXPECT_NEAR(finding.gain->high, 488e-6, 2e-6);
}

TEST(ConvolutionDominance, ABatchOf1HasNothingToGainAtTheLimits) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_graph"), "mobilenetv2", 1);
  const RuleAnswer answer = convolution_dominance(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_EQ(finding.severity, Severity::note);
  EXPECT_FALSE(finding.gain);
  EXPECT_NEAR(evidence(finding, "convolutions too small for the device").value, 156e-6, 1e-6);
}

TEST(ConvolutionDominance, OnTheCpuItIsSaidWithoutAGainWhereLimitsAreNotKnown) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_cpu"), "mobilenetv2", 1);
  const RuleAnswer answer = convolution_dominance(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_NEAR(evidence(finding, "convolutions, of the layers' time").value, 0.907, 0.001);
  EXPECT_EQ(evidence(finding, "convolutions, depthwise").layers.size(), 17u);
  EXPECT_FALSE(finding.gain);
  EXPECT_THAT(finding.explanation, HasSubstr("limits are not"));
}

TEST(ConvolutionDominance, KernelSizesThatTheProfileDoesNotTellAreNotGuessed) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"));
  const RuleAnswer answer = convolution_dominance(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_EQ(evidence(finding, "convolutions, depthwise").layers.size(), 17u);
  EXPECT_EQ(evidence(finding, "convolutions, of a kernel size that is not told").layers.size(), 35u);
}

TEST(ConvolutionDominance, WiderTypesThanNeededAreAReasonToNarrowThem) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_fp32"), "mobilenetv2", 64);
  const RuleAnswer answer = convolution_dominance(subject.get());
  EXPECT_THAT(only_finding(answer).action, HasSubstr("16 bits"));
}

TEST(ConvolutionDominance, ATransformerIsNotDominatedByThem) {
  const DiagnosedSubject subject(stored_profile("transformer"), "transformer", 1);
  EXPECT_THAT(why_not(convolution_dominance(subject.get())), HasSubstr("0% of the layers' time, below 80%"));
}

TEST(ConvolutionDominance, AModelWithMoreThanHalfOfItsTimeInThemIsNotYetOne) {
  const DiagnosedSubject subject(stored_profile("ocr_detection"));
  EXPECT_THAT(why_not(convolution_dominance(subject.get())), HasSubstr("56%"));
}

TEST(ConvolutionDominance, WithoutLayersItSaysSo) {
  const DiagnosedSubject bare(bare_profile());
  EXPECT_THAT(why_not(convolution_dominance(bare.get())), HasSubstr("no layer run"));
  Profile empty = stored_profile("transfer");
  empty.layer_run->layers.clear();
  empty.timeline.reset();
  const DiagnosedSubject subject(empty);
  EXPECT_THAT(why_not(convolution_dominance(subject.get())), HasSubstr("no layer"));
}

}  // namespace
}  // namespace trtprof::test
