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

// The pooling of MobileNetV2 on a CPU came from a Dropout, which it did not.
Profile with_dropout() {
  Profile profile = stored_profile("mobilenetv2_cpu");
  for (Layer& layer : profile.layer_run->layers) {
    if (layer.layer_class == LayerClass::pooling) layer.origin_nodes = {{"drop", "Dropout"}};
    if (layer.layer_class == LayerClass::fully_connected) layer.origin_nodes.push_back({"last", "Identity"});
  }
  // Enough to matter.
  for (Layer& layer : profile.layer_run->layers) {
    if (layer.layer_class != LayerClass::pooling) continue;
    layer.time = {};
    layer.time.samples = {1e-4};
  }
  return profile;
}

TEST(RedundantNodes, SaysByOriginsWhatARealProfileWithADropoutPutInCosts) {
  const DiagnosedSubject subject(with_dropout());
  const RuleAnswer answer = rules::redundant_nodes(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  const Finding& finding = answer.findings.front();
  ASSERT_TRUE(finding.gain);
  EXPECT_NEAR(finding.gain->high, 1e-4, 1e-9);
  EXPECT_EQ(finding.severity, Severity::minor);
  ASSERT_EQ(finding.evidence.front().layers.size(), 1U);
  EXPECT_THAT(finding.explanation, HasSubstr("1 more run such nodes beside others"));
}

TEST(RedundantNodes, SaysByTheGraphWhatTheEngineStillRuns) {
  auto model = OnnxModel::load(std::filesystem::path(test::kOcrModelsDir) / "ch_PP-OCRv4_rec_infer.onnx");
  ASSERT_TRUE(model);
  // A layer that came from the Cast which is there twice; the rest of the profile is another model's.
  Profile profile = stored_profile("mobilenetv2_cpu");
  profile.model.inputs.clear();
  for (Layer& layer : profile.layer_run->layers) layer.origin_nodes.clear();
  Layer& layer = profile.layer_run->layers.at(2);
  layer.origin_nodes = {{"p2o.Cast.14", "Cast"}};
  const std::string name = layer.name;
  const DiagnosedSubject subject(std::move(profile), std::move(*model));
  const RuleAnswer answer = rules::redundant_nodes(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  EXPECT_THAT(answer.findings.front().evidence.front().layers, ElementsAre(name));
  EXPECT_THAT(answer.findings.front().explanation, HasSubstr("3 computed twice"));
}

TEST(RedundantNodes, FindsNoneInRealModels) {
  for (const auto& [profile, sample] :
       {std::pair("mobilenetv2_b1_graph", "mobilenetv2"), std::pair("transformer", "transformer")}) {
    const DiagnosedSubject subject(stored_profile(profile), sample, 1);
    const RuleAnswer answer = rules::redundant_nodes(subject.get());
    EXPECT_TRUE(answer.findings.empty()) << profile;
    EXPECT_THAT(answer.why_not, HasSubstr("has an effect that no other has"));
  }
}

TEST(RedundantNodes, SaysWhatIsMissing) {
  Profile profile = stored_profile("mobilenetv2_cpu");
  EXPECT_THAT(rules::redundant_nodes(DiagnosedSubject(profile).get()).why_not, HasSubstr("not at hand"));
  for (Layer& layer : profile.layer_run->layers) layer.origin_nodes.clear();
  EXPECT_THAT(rules::redundant_nodes(DiagnosedSubject(profile).get()).why_not, HasSubstr("no layer tells"));
  profile.layer_run.reset();
  EXPECT_THAT(rules::redundant_nodes(DiagnosedSubject(std::move(profile)).get()).why_not, HasSubstr("no layer run"));
}

TEST(RedundantNodes, TakesNoTimeForNoFinding) {
  Profile profile = with_dropout();
  for (Layer& layer : profile.layer_run->layers) {
    if (layer.layer_class == LayerClass::pooling) layer.time.samples = {1e-6};
  }
  const RuleAnswer answer = rules::redundant_nodes(DiagnosedSubject(std::move(profile)).get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("1.00 us"));
}

}  // namespace
}  // namespace trtprof
