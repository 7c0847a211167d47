#include "trtprof/diagnose/verdict.h"

#include <string>

#include <gmock/gmock.h>

#include "support/diagnosed.h"
#include "support/profile_fixture.h"

namespace trtprof::test {
namespace {

using testing::HasSubstr;

Verdict verdict_of(const Diagnosed& diagnosed) {
  return trtprof::verdict_of(diagnosed.profile, diagnosed.account, diagnosed.roofline ? &*diagnosed.roofline : nullptr);
}

Verdict verdict(const std::string& name, const std::string& model = {}, std::int64_t batch = 1) {
  return verdict_of(diagnosed(stored_profile(name), model, batch));
}

double share(const Verdict& verdict, Bottleneck what) {
  for (const TimeShare& each : verdict.shares) {
    if (each.what == what) return each.share;
  }
  ADD_FAILURE() << to_string(what);
  return -1.0;
}

TEST(Verdict, TheTransferSampleIsBoundByTransfers) {
  for (const char* name : {"transfer", "transfer_pageable"}) {
    const Verdict result = verdict(name, "transfer");
    EXPECT_EQ(result.bottleneck, Bottleneck::transfers) << name;
    EXPECT_EQ(result.pattern.pattern, Pattern::transfer_bound) << name;
    EXPECT_GT(share(result, Bottleneck::transfers), 0.98) << name;
    EXPECT_THAT(result.reason, HasSubstr("% of the inference")) << name;
  }
}

TEST(Verdict, TheTransformerSampleIsOperatorDiverse) {
  EXPECT_EQ(verdict("transformer").pattern.pattern, Pattern::operator_diverse);
  const Verdict stream = verdict("transformer_stream");
  EXPECT_EQ(stream.pattern.pattern, Pattern::operator_diverse);
  EXPECT_EQ(stream.bottleneck, Bottleneck::launches);  // 193 us of enqueueing for 195 us of compute
}

TEST(Verdict, ABatchOf64IsConvolutionDominatedAndMemoryBound) {
  const Diagnosed b64 = diagnosed(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const Verdict result = verdict_of(b64);
  EXPECT_EQ(result.pattern.pattern, Pattern::convolution_dominated);
  EXPECT_EQ(result.bottleneck, Bottleneck::memory);
  EXPECT_NEAR(share(result, Bottleneck::transfers), 368.3 / 1349.5, 0.01);
  EXPECT_NEAR(share(result, Bottleneck::reformats), 20.3 / 1349.5, 0.005);
  EXPECT_GT(share(result, Bottleneck::memory), 0.55);
  EXPECT_LT(share(result, Bottleneck::unknown), 0.01);
}

TEST(Verdict, ABatchOf64NamesTheSlowDepthwiseLayersWithTheirDistanceFromTheLimit) {
  const Diagnosed b64 = diagnosed(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const Verdict result = verdict_of(b64);
  const auto name = [&](std::size_t i) { return b64.profile.layer_run->layers[result.far_from_limit.at(i)].name; };
  EXPECT_THAT(name(0), HasSubstr("block3/depthwise"));  // 144 channels, 56 x 56: 62 us lost
  EXPECT_THAT(name(1), HasSubstr("block1/depthwise"));  // 32 channels, 112 x 112: 52 us
  EXPECT_THAT(name(2), HasSubstr("block2/depthwise"));  // 96 channels, to half the size: 29 us
  bool told = false;
  for (const Evidence& evidence : result.evidence) {
    if (evidence.layers != std::vector<std::string>{name(0)}) continue;
    told = true;
    EXPECT_EQ(evidence.quantity, "of the memory limit");
    EXPECT_NEAR(evidence.value, 0.304, 0.01);
  }
  EXPECT_TRUE(told);
}

TEST(Verdict, ABatchOf1IsLaunchBoundOnAStreamAndLatencyBoundInAGraph) {
  const Verdict stream = verdict("mobilenetv2_b1_stream", "mobilenetv2");
  EXPECT_EQ(stream.bottleneck, Bottleneck::launches);
  EXPECT_NEAR(share(stream, Bottleneck::launches), (277.8 - 163.0) / 294.2, 0.02);
  const Verdict graph = verdict("mobilenetv2_b1_graph", "mobilenetv2");
  EXPECT_EQ(graph.bottleneck, Bottleneck::latency);
  EXPECT_GT(share(graph, Bottleneck::latency), 0.8);
  EXPECT_LT(share(graph, Bottleneck::launches), 0.02);
  EXPECT_EQ(graph.pattern.pattern, Pattern::convolution_dominated);
}

TEST(Verdict, WithoutATimelineAStreamIsStillFoundLaunchBoundAndTheRestStaysUnknown) {
  Profile profile = stored_profile("mobilenetv2_b1_stream");
  profile.timeline.reset();
  const Verdict result = verdict_of(diagnosed(std::move(profile), "mobilenetv2"));
  EXPECT_EQ(result.bottleneck, Bottleneck::launches);
  EXPECT_THAT(result.reason, HasSubstr("without a timeline it is not known"));
  EXPECT_GT(share(result, Bottleneck::unknown), 0.9);
}

TEST(Verdict, MobileNetV2OnTheCpuIsConvolutionDominatedAndItsLimitsAreNotKnown) {
  const Verdict result = verdict("mobilenetv2_cpu", "mobilenetv2");
  EXPECT_EQ(result.pattern.pattern, Pattern::convolution_dominated);
  EXPECT_EQ(result.bottleneck, Bottleneck::unknown);
  EXPECT_GT(share(result, Bottleneck::host), 0.0);
  EXPECT_GT(share(result, Bottleneck::reformats), 0.0);
  EXPECT_EQ(share(result, Bottleneck::launches), 0.0);
}

TEST(Verdict, OnTheCpuWithCeilingsOfAUserTheLayersAreJudged) {
  Diagnosed cpu = diagnosed(stored_profile("mobilenetv2_cpu"), "mobilenetv2");
  const SampleOperators model("mobilenetv2", 1);
  const DeviceCeilings ceilings{"two cores",
                                {},
                                {{CeilingKind::memory_bandwidth, 2e10, CeilingBasis::measured, "a copy"},
                                 {CeilingKind::fp32_peak, 2e11, CeilingBasis::measured, "multiply-adds"},
                                 {CeilingKind::bf16_peak, 2e12, CeilingBasis::measured, "matrix products"}}};
  cpu.roofline = roofline_of(cpu.profile, layer_costs(cpu.profile, model.get()), &ceilings);
  const Verdict result = verdict_of(cpu);
  EXPECT_GT(share(result, Bottleneck::memory) + share(result, Bottleneck::compute), 0.7);
}

TEST(Verdict, InferencesThatCompleteLaterThanTheirPartsTakeAreHostBound) {
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  profile.end_to_end->interval = series_of(std::vector<double>(20, 400e-6));
  const Verdict result = verdict_of(diagnosed(std::move(profile), "mobilenetv2"));
  EXPECT_EQ(result.bottleneck, Bottleneck::host);
  EXPECT_THAT(result.reason, HasSubstr("complete every 400.0 us"));
}

TEST(Verdict, ReformatsThatTakeMostAreTheBottleneck) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  for (Layer& layer : profile.layer_run->layers) {
    if (layer.layer_class == LayerClass::depthwise_convolution) layer.layer_class = LayerClass::reformat;
  }
  for (std::size_t i = 0; i < profile.layer_run->layers.size(); ++i) {  // and one is a layer of its own
    if (profile.layer_run->layers[i].name.starts_with("block2/expand")) {
      profile.layer_run->layers[i].layer_class = LayerClass::reformat;
    }
  }
  const Verdict result = verdict_of(diagnosed(std::move(profile), "mobilenetv2", 64));
  EXPECT_EQ(result.bottleneck, Bottleneck::reformats);
}

TEST(Verdict, BlocksThatTellNothingAreOpaque) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  for (Layer& layer : profile.layer_run->layers) layer.layer_class = LayerClass::opaque;
  const Verdict result = verdict_of(diagnosed(std::move(profile)));
  EXPECT_EQ(result.bottleneck, Bottleneck::opaque);
  EXPECT_EQ(result.pattern.pattern, Pattern::unknown);
}

TEST(Verdict, OfAnEndToEndRunAloneIsUnknown) {
  Profile profile = bare_profile();
  profile.end_to_end = EndToEnd{};
  profile.end_to_end->total = series_of(std::vector<double>(8, 5e-3));
  const Verdict result = verdict_of(diagnosed(std::move(profile)));
  EXPECT_EQ(result.bottleneck, Bottleneck::unknown);
  EXPECT_EQ(share(result, Bottleneck::unknown), 1.0);
  EXPECT_EQ(result.pattern.pattern, Pattern::unknown);
}

struct EveryStoredVerdict : testing::TestWithParam<const char*> {};

TEST_P(EveryStoredVerdict, SharesAddUpToOneWithUnknownLast) {
  for (const bool timeline : {true, false}) {
    Profile profile = stored_profile(GetParam());
    if (!timeline) profile.timeline.reset();
    const Verdict result = verdict_of(diagnosed(std::move(profile)));
    ASSERT_EQ(result.shares.size(), 9u);
    double sum = 0.0;
    for (const TimeShare& each : result.shares) {
      EXPECT_GE(each.share, 0.0) << to_string(each.what);
      sum += each.share;
    }
    EXPECT_NEAR(sum, 1.0, 1e-9);
    EXPECT_EQ(result.shares.back().what, Bottleneck::unknown);
    EXPECT_FALSE(result.reason.empty());
    EXPECT_FALSE(result.evidence.empty());
    EXPECT_TRUE(result.held_back.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Verdict, EveryStoredVerdict,
                         testing::Values("mobilenetv2_b64_graph", "mobilenetv2_b1_graph", "mobilenetv2_b1_stream",
                                         "transfer", "transfer_pageable", "transformer", "transformer_stream",
                                         "mobilenetv2_cpu"));

}  // namespace
}  // namespace trtprof::test
