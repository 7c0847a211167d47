#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/rule_answers.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::test {
namespace {

using rules::reformats;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Reformats, TheInputsReformatOfABatchOf64IsFoundWithItsFormats) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = reformats(subject.get());
  const Finding& finding = only_finding(answer);
  const Evidence& found = evidence(finding, "reformat of 64x3x224x224");
  EXPECT_NEAR(found.value, 20.2e-6, 0.1e-6);
  EXPECT_THAT(found.layers,
              ElementsAre("Reformatting CopyNode for Input Tensor 0 to stem/conv + stem/bn + stem/relu6"));
  EXPECT_THAT(found.quantity, AllOf(HasSubstr("from f16 Row major linear FP16 format to f16 Channel major FP16 format "
                                              "where channel % 4 == 0"),
                                    HasSubstr("from the input 'input'"), HasSubstr("for stem/conv")));
  EXPECT_NEAR(evidence(finding, "changes of layout or precision").value, 0.015, 0.0005);
  EXPECT_EQ(finding.severity, Severity::minor);
  ASSERT_TRUE(finding.gain);
  EXPECT_NEAR(finding.gain->high, 20.2e-6, 0.1e-6);
  EXPECT_THAT(finding.action, AllOf(HasSubstr("give the input 'input'"), HasSubstr("channel % 4 == 0"),
                                    HasSubstr("setAllowedFormats")));
}

// TensorRT lists 59 of PP-OCRv4's detection model, of which nine move data.
TEST(Reformats, ThoseThatMoveNothingAreNotCounted) {
  const DiagnosedSubject subject(stored_profile("ocr_detection"));
  const RuleAnswer answer = reformats(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_THAT(finding.title, HasSubstr("9 changes of layout or precision take 4.7%"));
  EXPECT_EQ(finding.evidence.size(), 10u);
  EXPECT_NEAR(finding.evidence[1].value, 12.0e-6, 0.1e-6);  // the input's, the longest
  for (std::size_t i = 2; i < finding.evidence.size(); ++i) {
    EXPECT_GE(finding.evidence[i - 1].value, finding.evidence[i].value);
  }
  EXPECT_THAT(finding.explanation,
              AllOf(HasSubstr("12.0 us at the model's inputs"), HasSubstr("47.0 us between layers")));
  EXPECT_THAT(evidence(finding, "reformat of 1x96x160x160").quantity,
              AllOf(HasSubstr("from p2o.Resize.2"), HasSubstr("for p2o.HardSigmoid.5")));
  EXPECT_THAT(finding.action, HasSubstr("no kernel in the layout of its neighbours"));
}

TEST(Reformats, TheLayerTimingsCostIsNotAGain) {
  const DiagnosedSubject subject(stored_profile("ocr_detection"));
  const RuleAnswer answer = reformats(subject.get());
  const Finding& finding = only_finding(answer);
  ASSERT_TRUE(finding.gain);
  EXPECT_NEAR(finding.gain->high, 58.9e-6 * 623.8 / 1029.0, 0.5e-6);
  EXPECT_THAT(finding.gain->how, HasSubstr("fit into the inference"));
}

TEST(Reformats, OnTheCpuTheInputsReorderChangesItsTypeToo) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_cpu"), "mobilenetv2", 1);
  const RuleAnswer answer = reformats(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_THAT(evidence(finding, "reformat of 1x3x224x224").quantity, HasSubstr("from f32 abcd to bf16 acdb"));
  EXPECT_NEAR(evidence(finding, "reformat of 1x3x224x224").value, 56.3e-6, 0.1e-6);
  EXPECT_THAT(finding.action, AllOf(HasSubstr("bf16 acdb (PrePostProcessor"), HasSubstr("the same precision")));
  EXPECT_EQ(finding.severity, Severity::minor);
}

TEST(Reformats, ATransposeOfTheModelThatTakesTimeIsOne) {
  Profile profile = stored_profile("transfer");
  profile.timeline.reset();
  Layer transpose = layer_taking("transpose", LayerClass::shuffle, 5e-6);
  transpose.inputs = profile.layer_run->layers.front().outputs;
  transpose.outputs = profile.model.outputs;
  profile.layer_run->layers.push_back(transpose);
  profile.end_to_end->total = series_of({40e-6});
  profile.end_to_end->host_to_device.reset();
  profile.end_to_end->device_to_host.reset();
  profile.end_to_end->interval.reset();
  profile.end_to_end->compute = series_of({40e-6});
  const DiagnosedSubject subject(profile);
  const RuleAnswer answer = reformats(subject.get());
  const Finding& finding = only_finding(answer);
  EXPECT_NEAR(evidence(finding, "transpose of").value, 5e-6, 1e-9);
  EXPECT_THAT(finding.action, HasSubstr("without the transposes"));
}

TEST(Reformats, OneThatTakesLessThanAHundredthIsNone) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b1_stream"), "mobilenetv2", 1);
  EXPECT_THAT(why_not(reformats(subject.get())), HasSubstr("0.9% of the inference"));
}

TEST(Reformats, ATransformerHasNone) {
  const DiagnosedSubject subject(stored_profile("transformer"), "transformer", 1);
  EXPECT_THAT(why_not(reformats(subject.get())), HasSubstr("no reformat, cast or transpose takes any time"));
}

TEST(Reformats, OneWithoutTensorsIsStillCounted) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  profile.layer_run->layers.front().inputs.clear();
  profile.layer_run->layers.front().outputs.clear();
  const DiagnosedSubject subject(profile);
  const RuleAnswer answer = reformats(subject.get());
  EXPECT_NEAR(evidence(only_finding(answer), "reformat").value, 20.2e-6, 0.1e-6);
}

TEST(Reformats, WithoutLayersItSaysSo) {
  const DiagnosedSubject bare(bare_profile());
  EXPECT_THAT(why_not(reformats(bare.get())), HasSubstr("no layer run"));
}

}  // namespace
}  // namespace trtprof::test
