#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using test::DiagnosedSubject;
using test::stored_profile;
using testing::ElementsAre;
using testing::HasSubstr;

// The sample looks up rows of its position table by numbers that it stores: both nodes are constant.
constexpr const char* kFolds = "embeddings/positions";

// A kernel of their own, which the engine did not give them.
Profile with_a_layer_of_its_own() {
  Profile profile = stored_profile("transformer");
  Layer& layer = profile.layer_run->layers.at(5);
  layer.origin_nodes = {{kFolds, "Gather"}};
  return profile;
}

TEST(ConstantFolding, SaysWhenConstantNodesHaveALayerOfTheirOwnWhichIsPutIntoARealProfile) {
  const DiagnosedSubject subject(with_a_layer_of_its_own(), "transformer", 1);
  const RuleAnswer answer = rules::constant_folding(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  const Finding& finding = answer.findings.front();
  ASSERT_TRUE(finding.gain);
  EXPECT_EQ(finding.gain->basis, GainBasis::measured);
  EXPECT_GT(finding.gain->high, 0.01 * subject.get().inference_seconds());
  EXPECT_THAT(finding.evidence.front().layers, ElementsAre(subject.get().profile.layer_run->layers.at(5).name));
  EXPECT_DOUBLE_EQ(finding.evidence.front().value, finding.gain->high);
  EXPECT_EQ(finding.severity, severity_of(finding.gain->high, subject.get().inference_seconds()));
  EXPECT_THAT(finding.commands,
              ElementsAre("tensorrt_profiling optimize MODEL -o optimized.onnx --passes constant-folding"));
}

TEST(ConstantFolding, DoesNotCountWhatRunsBesideOtherNodes) {
  const DiagnosedSubject subject(stored_profile("transformer"), "transformer", 1);
  const RuleAnswer answer = rules::constant_folding(subject.get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("2 nodes in 2 subgraphs"));
  EXPECT_THAT(answer.why_not, HasSubstr("beside others"));
}

TEST(ConstantFolding, FindsNothingInMobileNet) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_graph"), "mobilenetv2", 1);
  const RuleAnswer answer = rules::constant_folding(subject.get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("none of the model's 152 nodes"));
}

TEST(ConstantFolding, NeedsTheModelAndOrigins) {
  EXPECT_THAT(rules::constant_folding(DiagnosedSubject(stored_profile("transformer")).get()).why_not,
              HasSubstr("not at hand"));
  Profile profile = stored_profile("transformer");
  for (Layer& layer : profile.layer_run->layers) layer.origin_nodes.clear();
  EXPECT_THAT(rules::constant_folding(DiagnosedSubject(std::move(profile), "transformer", 1).get()).why_not,
              HasSubstr("no layer tells which nodes"));
}

TEST(ConstantFolding, LeavesNoiseAlone) {
  Profile profile = with_a_layer_of_its_own();
  for (TimelineKernel& kernel : profile.timeline->kernels) {
    if (kernel.layer != profile.layer_run->layers.at(5).name) continue;
    kernel.time = {};
    kernel.time.samples = {1e-7};
  }
  const DiagnosedSubject subject(std::move(profile), "transformer", 1);
  const RuleAnswer answer = rules::constant_folding(subject.get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("1 layer with nothing but such nodes"));
}

}  // namespace
}  // namespace trtprof
