#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/subject.h"
#include "trtprof/diagnose/rules/asked_precision.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using test::DiagnosedSubject;
using test::stored_profile;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Evidence* find(const Finding& finding, const std::string& quantity) {
  const auto found = std::ranges::find(finding.evidence, quantity, &Evidence::quantity);
  return found == finding.evidence.end() ? nullptr : &*found;
}

TEST(PrecisionAudit, WeakTypingLeftTheFirstBlocksInFp32) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_weak_fp16"), "mobilenetv2", 1);
  const RuleAnswer answer = rules::precision_audit(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  const Finding& finding = answer.findings.front();
  EXPECT_THAT(finding.title, HasSubstr("20 of 55 layers compute wider than f16"));
  EXPECT_EQ(finding.severity, Severity::minor);  // most of these layers are too small to gain by narrower types
  const Evidence* wider = find(finding, "time of layers wider than asked");
  ASSERT_NE(wider, nullptr);
  EXPECT_EQ(wider->layers.size(), 20U);
  EXPECT_THAT(wider->layers, Contains("stem/conv + stem/bn + stem/relu6"));
  EXPECT_THAT(wider->layers, Not(Contains("head/conv + head/bn + head/relu6")));
  const Evidence* casts = find(finding, "time of conversions between layers");
  ASSERT_NE(casts, nullptr);
  EXPECT_EQ(casts->layers.size(), 1U);  // where FP32 ends; the one of the input only changes the layout
  EXPECT_GT(casts->value, 0.0);
  ASSERT_TRUE(finding.gain);
  EXPECT_EQ(finding.gain->low, 0.0);
  // Half of the wider layers' time at the most, and the conversion.
  EXPECT_LE(finding.gain->high, 0.5 * wider->value + casts->value + 1e-12);
  EXPECT_NE(find(finding, "time in tf32"), nullptr);
}

TEST(PrecisionAudit, PoolingAndClassifierOfTheInt8EngineStayInFp32) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_int8"));
  const RuleAnswer answer = rules::precision_audit(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  const Evidence* wider = find(answer.findings.front(), "time of layers wider than asked");
  ASSERT_NE(wider, nullptr);
  EXPECT_THAT(wider->layers, ElementsAre("pool", "classifier + (Unnamed Layer* 155) [ElementWise]"));
  EXPECT_EQ(answer.findings.front().severity, Severity::note);
}

TEST(PrecisionAudit, EnginesOfOnePrecisionHaveNothingToSay) {
  for (const char* name : {"mobilenetv2_b64_graph", "resnet50", "transformer", "mobilenetv2_cpu"}) {
    const RuleAnswer answer = rules::precision_audit(DiagnosedSubject(stored_profile(name)).get());
    EXPECT_TRUE(answer.findings.empty()) << name;
    EXPECT_THAT(answer.why_not, HasSubstr("asked was")) << name;
  }
}

TEST(PrecisionAudit, SaysWhoChoseBf16OnTheCpu) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_cpu"), "mobilenetv2", 1);
  const RuleAnswer answer = rules::precision_audit(subject.get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("bf16 100.0%; asked was bf16 (INFERENCE_PRECISION_HINT, bf16)"));
  EXPECT_THAT(answer.why_not, HasSubstr("conversions of the model's inputs and outputs (1)"));
  EXPECT_THAT(answer.why_not, HasSubstr("the model itself is in f32"));
}

TEST(PrecisionAudit, DoubtsARunThatWasToBeInFp32WhichTheCommandLineOfARealRunIsMadeToSay) {
  Profile profile = stored_profile("mobilenetv2_cpu");
  profile.environment.command_line.insert(profile.environment.command_line.end(), {"--precision", "f32"});
  const RuleAnswer answer = rules::precision_audit(DiagnosedSubject(std::move(profile)).get());
  ASSERT_EQ(answer.findings.size(), 1U);
  EXPECT_THAT(answer.findings.front().title, HasSubstr("54 of 54 layers compute narrower than the f32"));
  EXPECT_EQ(answer.findings.front().severity, Severity::major);
  EXPECT_FALSE(answer.findings.front().gain);
}

TEST(PrecisionAudit, WithoutPrecisionsOrLayersItSaysSo) {
  Profile profile = stored_profile("mobilenetv2_b1_int8");
  for (Layer& layer : profile.layer_run->layers) layer.precision.clear();
  EXPECT_THAT(rules::precision_audit(DiagnosedSubject(profile).get()).why_not, HasSubstr("no layer tells"));
  profile.layer_run.reset();
  EXPECT_THAT(rules::precision_audit(DiagnosedSubject(profile).get()).why_not, HasSubstr("no layer run"));
}

TEST(AskedPrecision, TheCommandLineBeforeTheEngine) {
  Profile profile = stored_profile("mobilenetv2_cpu");
  const auto asked = [](const Profile& given) { return rules::asked_precision(DiagnosedSubject(given).get()); };
  EXPECT_EQ(asked(profile).precision, "bf16");
  EXPECT_EQ(asked(profile).by, rules::AskedBy::engine);
  profile.environment.command_line = {"tensorrt_profiling", "m.onnx", "--precision=f16"};
  EXPECT_EQ(asked(profile).precision, "f16");
  EXPECT_EQ(asked(profile).by, rules::AskedBy::user);
  profile.environment.command_line = {"tensorrt_profiling", "m.onnx", "--weak", "fp16,int8"};
  EXPECT_EQ(asked(profile).precision, "i8");
  EXPECT_EQ(asked(stored_profile("resnet50")).precision, "f32");
}

}  // namespace
}  // namespace trtprof
