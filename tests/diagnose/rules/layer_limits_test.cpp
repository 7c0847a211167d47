#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/rule_answers.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::test {
namespace {

using rules::layer_limits;
using testing::AllOf;
using testing::HasSubstr;

std::vector<Evidence> losses(const Finding& finding) {
  std::vector<Evidence> found;
  for (const Evidence& each : finding.evidence) {
    if (each.quantity.starts_with("lost, at ")) found.push_back(each);
  }
  return found;
}

TEST(LayerLimits, ABatchOf64IsBoundByMemory) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = layer_limits(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_THAT(finding.title, HasSubstr("bound by memory take 91%"));
  EXPECT_NEAR(evidence(finding, "layers bound by memory").value, 887e-6, 2e-6);
  EXPECT_NEAR(evidence(finding, "layers bound by arithmetic").value, 9.1e-6, 0.1e-6);
  EXPECT_NEAR(evidence(finding, "layers too small for the device").value, 74.5e-6, 1e-6);
  EXPECT_EQ(finding.severity, Severity::critical);
}

TEST(LayerLimits, EveryLayerThatLosesIsListedTheLargestLossFirst) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = layer_limits(subject.get());
  const std::vector<Evidence> lost = losses(only_finding(answer));
  std::size_t expected = 0;
  for (const LayerRoofline& roof : subject.get().roofline->layers) {
    const bool bound = roof.bound == LayerBound::memory || roof.bound == LayerBound::compute;
    if (bound && roof.lost_seconds.value_or(0.0) > 0.0) ++expected;
  }
  EXPECT_EQ(lost.size(), expected);
  ASSERT_GT(lost.size(), 30u);
  EXPECT_THAT(lost[0].layers.front(), testing::StartsWith("block3/depthwise"));
  EXPECT_EQ(lost[0].quantity, "lost, at 30% of the memory limit");
  EXPECT_NEAR(lost[0].value, 61.6e-6, 0.7e-6);
  for (std::size_t i = 1; i < lost.size(); ++i) EXPECT_GE(lost[i - 1].value, lost[i].value);
}

TEST(LayerLimits, TheGainIsEachLayerAtFourFifthsOfItsLimit) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = layer_limits(subject.get());
  const Finding& finding = only_finding(answer);
  double expected = 0.0;
  for (const LayerRoofline& roof : subject.get().roofline->layers) {
    if (roof.bound != LayerBound::memory && roof.bound != LayerBound::compute) continue;
    expected += std::max(*roof.seconds - *roof.ideal_seconds / 0.8, 0.0);
  }
  ASSERT_TRUE(finding.gain);
  EXPECT_NEAR(finding.gain->high, expected, 1e-6);
  EXPECT_NEAR(finding.gain->high, 400e-6, 2e-6);
  EXPECT_EQ(finding.gain->basis, GainBasis::bound);
}

TEST(LayerLimits, ABatchOf1IsTooSmallForEitherLimit) {
  const DiagnosedSubject graph(stored_profile("mobilenetv2_b1_graph"), "mobilenetv2", 1);
  EXPECT_THAT(why_not(layer_limits(graph.get())), HasSubstr("55 layers too small for the device: 166 us (100%)"));
  const DiagnosedSubject untraced(stored_profile("mobilenetv2_b1_int8"), "mobilenetv2", 1);
  EXPECT_THAT(why_not(layer_limits(untraced.get())), HasSubstr("too small for the device: 372 us (100%)"));
}

TEST(LayerLimits, ALayerAtItsLimitHasNothingToGain) {
  const DiagnosedSubject subject(stored_profile("transfer"), "transfer", 1);
  EXPECT_THAT(why_not(layer_limits(subject.get())), HasSubstr("1 layer bound by memory: 28.5 us (100%)"));
}

TEST(LayerLimits, WithoutTheDevicesLimitsItSaysSo) {
  const DiagnosedSubject cpu(stored_profile("mobilenetv2_cpu"), "mobilenetv2", 1);
  EXPECT_THAT(why_not(layer_limits(cpu.get())), HasSubstr("limits of Intel(R) Xeon(R) Processor are not known"));
  Profile unknown = stored_profile("mobilenetv2_b64_graph");
  unknown.environment.device_name = "NVIDIA Unheard 9000";
  const DiagnosedSubject gpu(unknown, "mobilenetv2", 64);
  EXPECT_THAT(why_not(layer_limits(gpu.get())), HasSubstr("limits of NVIDIA Unheard 9000 are not known"));
}

TEST(LayerLimits, LayersOfWhichNothingIsToldHaveNoKnownLimit) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  for (Layer& layer : profile.layer_run->layers) {
    layer.inputs.clear();
    layer.outputs.clear();
  }
  const DiagnosedSubject subject(profile);
  EXPECT_THAT(why_not(layer_limits(subject.get())), AllOf(HasSubstr("cost is not known"), HasSubstr("--model")));
}

TEST(LayerLimits, WithoutLayersOrTimesItSaysSo) {
  const DiagnosedSubject bare(bare_profile());
  EXPECT_THAT(why_not(layer_limits(bare.get())), HasSubstr("no layer run"));
  Profile profile = stored_profile("mobilenetv2_b64_fp32");
  for (Layer& layer : profile.layer_run->layers) layer.time = {};
  const DiagnosedSubject timeless(profile, "mobilenetv2", 64);
  EXPECT_THAT(why_not(layer_limits(timeless.get())), HasSubstr("no layer of the layer run has a time"));
}

}  // namespace
}  // namespace trtprof::test
