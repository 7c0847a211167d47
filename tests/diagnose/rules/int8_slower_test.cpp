#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/rule_answers.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::test {
namespace {

using rules::int8_slower;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

Profile int8() {
  return stored_profile("mobilenetv2_b1_int8");
}

Profile fp16() {
  return stored_profile("mobilenetv2_b1_fp16_beside_int8");
}

RuleAnswer compare(Profile profile, Profile other) {
  const std::int64_t batch = profile.model.batch.value_or(1);
  DiagnosedSubject subject(std::move(profile), "mobilenetv2", batch);
  subject.set_counterpart(std::move(other));
  return int8_slower(subject.get());
}

void scale(SampleSeries& series, double factor) {
  for (double& sample : series.samples) sample *= factor;
  series = series_of(series.samples);
}

double cause(const Finding& finding, const std::string& what) {
  return evidence(finding, "INT8 against the other: " + what).value;
}

// Of everything but the two inferences and their difference.
double sum_of_causes(const Finding& finding) {
  double sum = 0.0;
  for (const Evidence& each : finding.evidence) {
    if (each.quantity.starts_with("INT8 against the other: ") && !each.quantity.ends_with(": inference")) {
      sum += each.value;
    }
  }
  return sum;
}

TEST(Int8Slower, TheDifferenceIsAttributedByCauseAndAddsUp) {
  const RuleAnswer answer = compare(int8(), fp16());
  const Finding& finding = only_finding(answer);
  EXPECT_THAT(finding.title, HasSubstr("INT8 is no faster than f16: 186 us against 187 us"));
  EXPECT_NEAR(cause(finding, "inference"), -1.2e-6, 0.05e-6);
  EXPECT_NEAR(sum_of_causes(finding), cause(finding, "inference"), 1e-12);
  EXPECT_NEAR(cause(finding, "depthwise and grouped convolutions"), 112.35e-6 - 101.2e-6, 0.1e-6);
  EXPECT_NEAR(cause(finding, "changes of layout and type"), 5.38e-6 - 6.66e-6, 0.05e-6);
  EXPECT_NEAR(cause(finding, "copies"), 5.4e-6, 0.1e-6);  // its input is FP32
  EXPECT_LT(cause(finding, "other layers"), -10e-6);      // 1x1 convolutions gain
  EXPECT_LT(std::abs(cause(finding, "unexplained")), 2.5e-6);
}

TEST(Int8Slower, TheLayersThatAreSlowerAreNamed) {
  const RuleAnswer answer = compare(int8(), fp16());
  const Finding& finding = only_finding(answer);
  const Evidence& grouped = evidence(finding, "INT8 against the other: depthwise and grouped convolutions");
  EXPECT_GE(grouped.layers.size(), 14u);
  EXPECT_THAT(grouped.layers, Each(HasSubstr("/depthwise/conv")));
  EXPECT_THAT(finding.action, AllOf(HasSubstr("Leave depthwise and grouped convolutions in FP16"),
                                    HasSubstr("inputs in f16 as the other has them, not f32")));
  ASSERT_TRUE(finding.gain);
  EXPECT_EQ(finding.gain->basis, GainBasis::measured);
  EXPECT_EQ(finding.gain->low, 0.0);  // all of it is no slower
  EXPECT_NEAR(finding.gain->high, 13.6e-6, 0.5e-6);
  EXPECT_EQ(finding.severity, Severity::major);
}

TEST(Int8Slower, DifferencesWithinTheSamplesSpreadAreNotCalledSlower) {
  Profile profile = int8();
  const double slower = only_finding(compare(profile, fp16())).gain->high;
  for (Layer& layer : profile.layer_run->layers) {
    if (layer.time.samples.size() < 2) continue;
    std::vector<double> samples = layer.time.samples;
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] += i % 2 == 0 ? 3e-6 : -3e-6;
    layer.time = series_of(samples);
  }
  const RuleAnswer answer = compare(profile, fp16());
  EXPECT_LT(only_finding(answer).gain->high, 0.5 * slower);
}

TEST(Int8Slower, LayersLeftInFloatThatAreSlowerAreACause) {
  Profile profile = int8();
  for (Layer& layer : profile.layer_run->layers) {
    if (!layer.name.starts_with("block12/expand/conv")) continue;
    layer.precision = "f32";
    scale(layer.time, 3.0);
  }
  const RuleAnswer answer = compare(profile, fp16());
  const Finding& finding = only_finding(answer);
  EXPECT_NEAR(sum_of_causes(finding), cause(finding, "inference"), 1e-12);
  EXPECT_GT(cause(finding, "layers that stayed in float"), 9e-6);
  EXPECT_THAT(finding.action, HasSubstr("--weak int8,fp16"));
}

// As of an explicitly quantised model where the builder left a pair alone, and an activation beside it.
TEST(Int8Slower, QuantizeLayersAndLostFusionsAreCausesOfTheirOwn) {
  Profile profile = int8();
  std::vector<Layer>& layers = profile.layer_run->layers;
  Layer quantize = layer_taking("block5/quantize", LayerClass::quantize, 4e-6);
  quantize.precision = "i8";
  quantize.origin_nodes = {{"block5/quantize", "QuantizeLinear"}};
  layers.push_back(quantize);
  for (Layer& layer : layers) {
    if (!layer.name.starts_with("block6/expand/conv")) continue;
    Layer activation = layer_taking("block6/expand/relu6", LayerClass::activation, 5e-6);
    activation.precision = "i8";
    activation.origin_nodes = {layer.origin_nodes.back()};
    layer.origin_nodes.pop_back();
    layers.push_back(activation);
    break;
  }
  const RuleAnswer answer = compare(profile, fp16());
  const Finding& finding = only_finding(answer);
  EXPECT_NEAR(cause(finding, "Q/DQ not fused into layers"), 4e-6, 1e-9);
  EXPECT_NEAR(cause(finding, "fusions that INT8 lost"), 5e-6, 1e-6);
  EXPECT_NEAR(sum_of_causes(finding), cause(finding, "inference"), 1e-12);
}

TEST(Int8Slower, OneThatIsMuchSlowerGainsAtLeastTheDifference) {
  Profile profile = int8();
  scale(profile.end_to_end->total, 1.5);
  scale(*profile.end_to_end->compute, 1.5);
  for (Layer& layer : profile.layer_run->layers) scale(layer.time, 1.3);
  const RuleAnswer answer = compare(profile, fp16());
  const Finding& finding = only_finding(answer);
  EXPECT_EQ(finding.severity, Severity::critical);
  EXPECT_NEAR(finding.gain->low, 1.5 * 186.2e-6 - 187.4e-6, 1e-6);
  EXPECT_GE(finding.gain->high, finding.gain->low);
}

TEST(Int8Slower, OneThatIsFasterInEveryPartIsNotSlower) {
  Profile profile = int8();
  scale(profile.end_to_end->total, 0.7);
  scale(*profile.end_to_end->compute, 0.7);
  for (Layer& layer : profile.layer_run->layers) scale(layer.time, 0.7);
  EXPECT_THAT(why_not(compare(profile, fp16())), AllOf(HasSubstr("130 us"), HasSubstr("187 us")));
}

TEST(Int8Slower, WithoutACounterpartItSaysHowToGiveOne) {
  const DiagnosedSubject subject(int8(), "mobilenetv2", 1);
  EXPECT_THAT(why_not(int8_slower(subject.get())), HasSubstr("analyze PROFILE --against OTHER"));
}

TEST(Int8Slower, ProfilesThatCannotBeComparedAreNot) {
  EXPECT_THAT(why_not(compare(fp16(), int8())), HasSubstr("no layer computes in INT8"));
  EXPECT_THAT(why_not(compare(int8(), int8())), HasSubstr("INT8 too"));
  EXPECT_THAT(why_not(compare(int8(), stored_profile("mobilenetv2_b64_graph"))), HasSubstr("other shapes"));
  EXPECT_THAT(why_not(compare(int8(), stored_profile("resnet50"))), HasSubstr("another model"));
  EXPECT_THAT(why_not(compare(int8(), stored_profile("mobilenetv2_cpu"))), HasSubstr("another device"));
  EXPECT_THAT(why_not(compare(int8(), bare_profile())), HasSubstr("no layer run"));
  Profile untimed = fp16();
  untimed.end_to_end.reset();
  EXPECT_THAT(why_not(compare(int8(), untimed)), HasSubstr("only one of the profiles"));
}

TEST(Int8Slower, OfTwoWithTimelinesKernelsAreCompared) {
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  for (Layer& layer : profile.layer_run->layers) layer.precision = "i8";
  const RuleAnswer answer = compare(profile, stored_profile("mobilenetv2_b1_stream"));
  const Finding& finding = only_finding(answer);
  EXPECT_THAT(finding.explanation, AllOf(HasSubstr("by the kernels' timestamps"), HasSubstr("gaps between kernels")));
  EXPECT_LT(cause(finding, "gaps between kernels"), -80e-6);  // of a graph, against launches one by one
  EXPECT_NEAR(sum_of_causes(finding), cause(finding, "inference"), 1e-12);
}

// Compute takes 621 instead of 983 us, and an inference no less time: its inputs are FP32, and their copies take it
// all.
TEST(Int8Slower, ABatchOf64LosesInCopiesWhatItsLayersGain) {
  const RuleAnswer answer =
      compare(stored_profile("mobilenetv2_b64_int8"), stored_profile("mobilenetv2_b64_fp16_beside_int8"));
  const Finding& finding = only_finding(answer);
  EXPECT_NEAR(cause(finding, "copies"), 359e-6, 5e-6);
  EXPECT_NEAR(cause(finding, "depthwise and grouped"), -285e-6, 5e-6);
  EXPECT_NEAR(sum_of_causes(finding), cause(finding, "inference"), 1e-12);
  EXPECT_THAT(finding.action, HasSubstr("inputs in f16"));
}

}  // namespace
}  // namespace trtprof::test
