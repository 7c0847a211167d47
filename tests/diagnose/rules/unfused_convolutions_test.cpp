#include <algorithm>
#include <filesystem>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/subject.h"
#include "trtprof/diagnose/rules/broken_chains.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using test::DiagnosedSubject;
using test::stored_profile;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

OnnxModel detection_model() {
  return std::move(*OnnxModel::load(std::filesystem::path(test::kOcrModelsDir) / "ch_PP-OCRv4_det_infer.onnx"));
}

const Finding* find(const RuleAnswer& answer, const std::string& words) {
  for (const Finding& finding : answer.findings) {
    if (finding.title.find(words) != std::string::npos) return &finding;
  }
  return nullptr;
}

TEST(UnfusedConvolutions, DetectionLeavesItsActivationsBesideTheConvolutions) {
  const DiagnosedSubject subject(stored_profile("ocr_detection"), detection_model());
  const RuleAnswer answer = rules::unfused_convolutions(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  const Finding& finding = answer.findings.front();
  EXPECT_THAT(finding.title, HasSubstr("35 activations"));
  EXPECT_THAT(finding.evidence.front().layers, Contains("__myl_MovAddMinMaxMulMulMulAdd_myl5_0"));
  // It multiplies by another tensor too.
  EXPECT_THAT(finding.evidence.front().layers, Not(Contains("__myl_MulAddMinMaxMul_myl65_0")));
  // Half of a tensor in between: 16 channels of 320x320 in FP32, and smaller ones.
  EXPECT_NEAR(finding.evidence[1].value, 118e6, 1e6);
  ASSERT_TRUE(finding.gain);
  EXPECT_EQ(finding.gain->basis, GainBasis::bound);
  EXPECT_NEAR(finding.gain->low, finding.evidence[1].value / 4.3e12, 1e-9);
  EXPECT_NEAR(finding.gain->high, 78.6e-6, 1e-6);
  EXPECT_EQ(finding.severity, Severity::major);
  EXPECT_THAT(finding.explanation, HasSubstr("guide's figures for MobileNetV2 (20 % for Conv+activation) are not of"));
}

TEST(UnfusedConvolutions, SaysTheSameWithoutTheModel) {
  const RuleAnswer with =
      rules::unfused_convolutions(DiagnosedSubject(stored_profile("ocr_detection"), detection_model()).get());
  const RuleAnswer without = rules::unfused_convolutions(DiagnosedSubject(stored_profile("ocr_detection")).get());
  ASSERT_EQ(without.findings.size(), 1U);
  EXPECT_EQ(without.findings.front().title, with.findings.front().title);
  EXPECT_NEAR(without.findings.front().gain->high, with.findings.front().gain->high, 1e-6);
}

TEST(UnfusedConvolutions, ChainsOfMobileNetAreFusedOnGpuAndCpu) {
  for (const char* name : {"mobilenetv2_b1_graph", "mobilenetv2_cpu"}) {
    const RuleAnswer with = rules::unfused_convolutions(DiagnosedSubject(stored_profile(name), "mobilenetv2", 1).get());
    EXPECT_TRUE(with.findings.empty()) << name;
    EXPECT_THAT(with.why_not, HasSubstr("of 52 chains of convolutions the engine fused 52"));
    const RuleAnswer without = rules::unfused_convolutions(DiagnosedSubject(stored_profile(name)).get());
    EXPECT_TRUE(without.findings.empty()) << name;
    EXPECT_THAT(without.why_not, HasSubstr("not at hand"));
  }
}

// The engine's layer of block 3's projection, without its addition, and the addition as a layer of its own behind it.
Profile with_addition_apart(bool reformat) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  profile.timeline.reset();
  std::vector<Layer>& layers = profile.layer_run->layers;
  const auto found = std::ranges::find(layers, "block3/project/conv + block3/project/bn + block3/add", &Layer::name);
  EXPECT_NE(found, layers.end());
  Layer addition = *found;
  addition.name = "block3/add";
  addition.layer_class = LayerClass::elementwise;
  addition.engine_type = "ElementWise";
  addition.origin_nodes = {{"block3/add", "Add"}};
  found->origin_nodes.pop_back();
  found->outputs.front().name = "before";
  const TensorDesc residual = found->inputs.at(1);
  found->inputs.pop_back();
  Layer copy = *found;
  copy.name = "copy";
  copy.layer_class = LayerClass::reformat;
  copy.engine_type = "Reformat";
  copy.origin_nodes.clear();
  copy.inputs = found->outputs;
  copy.outputs = found->outputs;
  copy.outputs.front().name = "copied";
  addition.inputs = reformat ? copy.outputs : found->outputs;
  addition.inputs.push_back(residual);
  const auto behind = layers.insert(std::next(found), addition);
  if (reformat) layers.insert(behind, copy);
  return profile;
}

TEST(UnfusedConvolutions, AnAdditionTakenOutOfARealLayerWithAndWithoutTheModel) {
  for (const bool model : {true, false}) {
    Profile profile = with_addition_apart(false);
    const DiagnosedSubject subject =
        model ? DiagnosedSubject(std::move(profile), "mobilenetv2", 64) : DiagnosedSubject(std::move(profile));
    const RuleAnswer answer = rules::unfused_convolutions(subject.get());
    const Finding* finding = find(answer, "1 addition ");
    ASSERT_NE(finding, nullptr) << model;
    EXPECT_THAT(finding->evidence.front().layers, testing::ElementsAre("block3/add"));
    // 24 channels of 56x56 at batch 64 in FP16, written and read.
    EXPECT_DOUBLE_EQ(finding->evidence[1].value, 2.0 * 64 * 24 * 56 * 56 * 2);
    EXPECT_THAT(finding->explanation, HasSubstr("at 1 nothing stands between"));
    EXPECT_THAT(finding->explanation, Not(HasSubstr("guide")));
  }
}

TEST(UnfusedConvolutions, AConversionInBetweenGoesToo) {
  const DiagnosedSubject subject(with_addition_apart(true), "mobilenetv2", 64);
  const Finding* finding = nullptr;
  const RuleAnswer answer = rules::unfused_convolutions(subject.get());
  finding = find(answer, "1 addition ");
  ASSERT_NE(finding, nullptr);
  EXPECT_THAT(finding->evidence.front().layers, testing::UnorderedElementsAre("block3/add", "copy"));
  EXPECT_THAT(finding->explanation, HasSubstr("only a change of layout or type"));
}

TEST(UnfusedConvolutions, WithoutLayersOrTimesItSaysSo) {
  Profile profile = stored_profile("ocr_detection");
  for (Layer& layer : profile.layer_run->layers) layer.time = {};
  EXPECT_TRUE(rules::unfused_convolutions(DiagnosedSubject(profile).get()).findings.empty());
  profile.layer_run->layers.clear();
  EXPECT_THAT(rules::unfused_convolutions(DiagnosedSubject(profile).get()).why_not, HasSubstr("no layer run"));
  profile.layer_run.reset();
  EXPECT_THAT(rules::unfused_convolutions(DiagnosedSubject(std::move(profile)).get()).why_not,
              HasSubstr("no layer run"));
}

TEST(BrokenChains, BytesOfATensor) {
  TensorDesc tensor{"t", "f16", {2, 3}, "", {}};
  EXPECT_EQ(rules::bytes_of(tensor), 12.0);
  tensor.shape = {2, -1};
  EXPECT_EQ(rules::bytes_of(tensor), 0.0);
  tensor.bytes = 64;
  EXPECT_EQ(rules::bytes_of(tensor), 64.0);
}

}  // namespace
}  // namespace trtprof
