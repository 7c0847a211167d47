#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/rule_answers.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::test {
namespace {

using rules::slow_depthwise;
using testing::AllOf;
using testing::HasSubstr;

// The four facts of a layer, in the order in which they are told: what it is and its time, the least, the share, lost.
std::vector<Evidence> about(const Finding& finding, const std::string& layer) {
  std::vector<Evidence> found;
  for (const Evidence& each : finding.evidence) {
    if (each.layers.size() == 1 && each.layers.front().starts_with(layer)) found.push_back(each);
  }
  return found;
}

// 115.6 MB at 4.3 TB/s are 26.9 us, 192.7 MB 44.8 us.
TEST(SlowDepthwise, The144ChannelsOf56x56AndThe96OfStride2AreNamedWithTheirDistanceFromTheLimit) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = slow_depthwise(subject.get());
  const Finding& finding = only_finding(answer);

  const std::vector<Evidence> wide = about(finding, "block3/depthwise/conv");
  ASSERT_EQ(wide.size(), 4u);
  EXPECT_THAT(wide[0].quantity, AllOf(HasSubstr("144 channels, 56x56, kernel 3x3, stride 1"),
                                      HasSubstr("sm50_xmma_convolution_depthwiseHMMA_FP16NHWCx8")));
  EXPECT_NEAR(wide[0].value, 88.5e-6, 0.5e-6);
  EXPECT_NEAR(wide[1].value, 26.9e-6, 0.1e-6);
  EXPECT_NEAR(wide[2].value, 0.304, 0.01);
  EXPECT_NEAR(wide[3].value, 61.6e-6, 0.7e-6);

  const std::vector<Evidence> halved = about(finding, "block2/depthwise/conv");
  ASSERT_EQ(halved.size(), 4u);
  EXPECT_THAT(halved[0].quantity, HasSubstr("96 channels, 112x112 to 56x56, kernel 3x3, stride 2"));
  EXPECT_NEAR(halved[0].value, 74.0e-6, 0.5e-6);
  EXPECT_NEAR(halved[1].value, 44.8e-6, 0.1e-6);
  EXPECT_NEAR(halved[3].value, 29.2e-6, 1e-6);

  EXPECT_THAT(finding.explanation, AllOf(HasSubstr("144 channels, 56x56"), HasSubstr("96 channels, 112x112 to 56x56")));
}

TEST(SlowDepthwise, TheGainIsWhatTheSlowLayersLose) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = slow_depthwise(subject.get());
  const Finding& finding = only_finding(answer);
  ASSERT_TRUE(finding.gain);
  EXPECT_EQ(finding.gain->basis, GainBasis::bound);
  EXPECT_NEAR(finding.gain->high, 321e-6, 2e-6);  // 501 us less the 180 us that 774 MB take at 4.3 TB/s
  EXPECT_EQ(finding.severity, Severity::critical);
  EXPECT_THAT(finding.title, HasSubstr("17 depthwise or grouped convolutions take 2.8 times"));
  EXPECT_EQ(finding.evidence[2].layers.front().substr(0, 6), "block3");  // the largest loss first
}

TEST(SlowDepthwise, WithoutTheModelBytesAloneTellAndTheKernelSizeIsLeftOut) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"));
  const RuleAnswer answer = slow_depthwise(subject.get());
  const std::vector<Evidence> wide = about(only_finding(answer), "block3/depthwise/conv");
  ASSERT_EQ(wide.size(), 4u);
  EXPECT_THAT(wide[0].quantity, HasSubstr("144 channels, 56x56, stride 1, by"));
  EXPECT_NEAR(wide[1].value, 26.9e-6, 0.1e-6);
}

TEST(SlowDepthwise, AtBatch1TheyAreTooSmallForTheDeviceAndNotSlow) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_graph"), "mobilenetv2", 1);
  EXPECT_THAT(why_not(slow_depthwise(subject.get())), HasSubstr("17 are too small for the device"));
}

// Without a timeline their times hold 3 us and more of layer timing each.
TEST(SlowDepthwise, AtBatch1TheEnginesLayerTimingIsNotTakenForSlowness) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_fp32"), "mobilenetv2", 1);
  EXPECT_THAT(why_not(slow_depthwise(subject.get())), HasSubstr("17 are too small for the device"));
}

TEST(SlowDepthwise, TimesOfLayerTimingCountAsFarAsTheyFitIntoTheInference) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_fp32"), "mobilenetv2", 64);
  const RuleAnswer answer = slow_depthwise(subject.get());
  const Finding& finding = only_finding(answer);
  ASSERT_TRUE(finding.gain);
  EXPECT_THAT(finding.gain->how, HasSubstr("adds up to 1.81 ms, of which 1.68 ms fit into the inference"));
  // 860 us of 1.81 ms in 1.68 ms, less 360 us.
  EXPECT_NEAR(finding.gain->high, 860e-6 * 1.6756 / 1.8134 - 360e-6, 3e-6);
}

TEST(SlowDepthwise, OnTheCpuTheyAreHeldAgainstTheOtherLayersWhereLimitsAreNotKnown) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_cpu"), "mobilenetv2", 1);
  EXPECT_THAT(why_not(slow_depthwise(subject.get())),
              AllOf(HasSubstr("limits are not known"), HasSubstr("at most 1.7 times")));
}

TEST(SlowDepthwise, OnTheCpuALayerMadeFourTimesSlowerIsNamedWithoutAGain) {
  Profile profile = stored_profile("mobilenetv2_cpu");
  std::string slowed;
  for (Layer& layer : profile.layer_run->layers) {
    if (layer.layer_class != LayerClass::depthwise_convolution || layer.inputs.front().shape[1] != 144) continue;
    for (double& sample : layer.time.samples) sample *= 4.0;
    layer.time.summary.reset();
    slowed = layer.name;
    break;
  }
  ASSERT_FALSE(slowed.empty());
  const DiagnosedSubject subject(profile, "mobilenetv2", 1);
  const RuleAnswer answer = slow_depthwise(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_EQ(finding.severity, Severity::note);
  EXPECT_FALSE(finding.gain);
  EXPECT_THAT(finding.title, HasSubstr("1 depthwise or grouped convolution"));
  EXPECT_THAT(finding.explanation, HasSubstr("limits are not known"));
  EXPECT_FALSE(about(finding, slowed).empty());
}

TEST(SlowDepthwise, AModelWithoutThemHasNone) {
  const DiagnosedSubject subject(stored_profile("resnet50"), "resnet50", 1);
  EXPECT_THAT(why_not(slow_depthwise(subject.get())), HasSubstr("no layer with a time is a depthwise"));
}

TEST(SlowDepthwise, LayersAtTheLimitAreNotSlow) {
  Profile profile = stored_profile("mobilenetv2_b64_fp32");
  const DiagnosedSubject before(profile, "mobilenetv2", 64);
  for (const LayerRoofline& roof : before.get().roofline->layers) {
    Layer& layer = profile.layer_run->layers[roof.layer];
    if (layer.layer_class == LayerClass::depthwise_convolution) layer.time = series_of({*roof.ideal_seconds / 0.75});
  }
  const DiagnosedSubject subject(profile, "mobilenetv2", 64);
  EXPECT_THAT(why_not(slow_depthwise(subject.get())), HasSubstr("are 0 and lose 0 s"));
}

TEST(SlowDepthwise, WithoutLayersItSaysSo) {
  const DiagnosedSubject bare(bare_profile());
  EXPECT_THAT(why_not(slow_depthwise(bare.get())), HasSubstr("no layer run"));
}

}  // namespace
}  // namespace trtprof::test
