#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/rule_answers.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::test {
namespace {

using rules::opaque_blocks;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// What Myelin made of the transformer, had the engine told nothing of it: one block that names no node.
Profile one_block(Profile profile) {
  Layer block = profile.layer_run->layers[1];
  block.name = "{ForeignNode[token_embedding...logits]}";
  block.engine_type = "Myelin";
  block.layer_class = LayerClass::opaque;
  block.origin_nodes.clear();
  block.origin_source = OriginSource::none;
  std::vector<double> samples(block.time.samples.size(), 0.0);
  for (const Layer& layer : profile.layer_run->layers) {
    for (std::size_t i = 0; i < samples.size() && i < layer.time.samples.size(); ++i)
      samples[i] += layer.time.samples[i];
  }
  block.time = series_of(samples);
  profile.layer_run->layers = {block};
  if (profile.timeline) {
    for (TimelineKernel& kernel : profile.timeline->kernels) kernel.layer = block.name;
  }
  return profile;
}

TEST(OpaqueBlocks, AKernelThatNamesNoNodeIsFoundWithWhatTheEngineReports) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_compatible"), "mobilenetv2", 1);
  const RuleAnswer answer = opaque_blocks(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_EQ(finding.severity, Severity::note);
  EXPECT_NEAR(evidence(finding, "opaque blocks, of the inference").value, 0.0114, 0.0002);
  const Evidence& block = evidence(finding, "kgen from 1x3x224x224 f16 to 1x3x224x224 f16");
  EXPECT_NEAR(block.value, 4.19e-6, 0.01e-6);
  EXPECT_THAT(block.layers, ElementsAre("__myl_Mov_myl0_0"));
  EXPECT_FALSE(finding.gain);
  EXPECT_THAT(finding.action, HasSubstr("Take a timeline"));
  EXPECT_THAT(finding.commands, Contains("tensorrt_profiling nsys vc.engine"));
}

TEST(OpaqueBlocks, AWholeModelInOneBlockIsNamedWithItsKernels) {
  const DiagnosedSubject subject(one_block(stored_profile("transformer")));
  const RuleAnswer answer = opaque_blocks(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_EQ(finding.severity, Severity::major);
  EXPECT_NEAR(evidence(finding, "opaque blocks, of the inference").value, 134.6e-6 / 144.5e-6, 0.03);
  // The five longest of the kernels; the longest are those of the feed-forward layers.
  std::vector<double> kernels;
  for (const Evidence& each : finding.evidence) {
    if (each.quantity.starts_with("kernel ")) kernels.push_back(each.value);
  }
  ASSERT_EQ(kernels.size(), 5u);
  EXPECT_NEAR(kernels.front(), 6.1e-6, 0.1e-6);
  EXPECT_TRUE(std::ranges::is_sorted(kernels, std::ranges::greater{}));
  EXPECT_THAT(finding.explanation, HasSubstr("The timeline names"));
  EXPECT_THAT(finding.action, AllOf(HasSubstr("--model"), HasSubstr("--profiling-verbosity detailed")));
  EXPECT_THAT(finding.commands, Not(Contains("tensorrt_profiling profile transformer.engine")));
}

TEST(OpaqueBlocks, WithoutATimelineTheNextThingIsOne) {
  Profile profile = one_block(stored_profile("transformer"));
  profile.timeline.reset();
  const DiagnosedSubject subject(profile);
  const RuleAnswer answer = opaque_blocks(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_THAT(finding.explanation, HasSubstr("Without a timeline"));
  EXPECT_THAT(finding.commands, Contains("tensorrt_profiling profile transformer.engine"));
}

TEST(OpaqueBlocks, KernelsOfARealRunThatAreOfNoLayerAreOpaqueToo) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  for (TimelineKernel& kernel : profile.timeline->kernels) {
    if (kernel.layer.starts_with("block3/depthwise")) kernel.layer.clear();
  }
  const DiagnosedSubject subject(profile, "mobilenetv2", 64);
  const RuleAnswer answer = opaque_blocks(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_NEAR(evidence(finding, "kernels that belong to no layer").value, 88.5e-6, 0.5e-6);
  EXPECT_THAT(evidence(finding, "kernel sm50_xmma_convolution_depthwise").quantity, HasSubstr("of no layer"));
}

TEST(OpaqueBlocks, KernelsOfMyelinThatNameTheirNodesAreNot) {
  const DiagnosedSubject subject(stored_profile("transformer"), "transformer", 1);
  EXPECT_THAT(why_not(opaque_blocks(subject.get())), HasSubstr("0 layers of 44"));
}

TEST(OpaqueBlocks, OnTheCpuEveryLayerIsTold) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_cpu"), "mobilenetv2", 1);
  EXPECT_THAT(why_not(opaque_blocks(subject.get())), HasSubstr("0.0%"));
}

TEST(OpaqueBlocks, WithoutLayersItSaysSo) {
  const DiagnosedSubject bare(bare_profile());
  EXPECT_THAT(why_not(opaque_blocks(bare.get())), HasSubstr("no layer run"));
}

}  // namespace
}  // namespace trtprof::test
