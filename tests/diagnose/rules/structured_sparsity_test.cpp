#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using test::DiagnosedSubject;
using test::stored_profile;
using testing::HasSubstr;

// MobileNetV2 as the stored engines had it: of four consecutive input channels the first two are zero.
OnnxModel pruned_mobilenet() {
  SampleOptions options;
  options.batch = 64;
  OnnxModel model = std::move(*make_sample("mobilenetv2", options));
  for (auto& tensor : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    if (tensor.dims_size() != 4 || tensor.dims(1) < 4) continue;
    std::string& raw = *tensor.mutable_raw_data();
    const std::int64_t inner = tensor.dims(2) * tensor.dims(3);
    for (std::size_t i = 0; i < raw.size() / 4; ++i) {
      const std::int64_t channel = static_cast<std::int64_t>(i) / inner % tensor.dims(1);
      if (channel % 4 < 2) std::memset(&raw[4 * i], 0, 4);
    }
  }
  return model;
}

TEST(StructuredSparsity, SaysThatSparseWeightsRunInDenseKernels) {
  const DiagnosedSubject subject(stored_profile("dense_b64_graph"), pruned_mobilenet());
  const RuleAnswer answer = rules::structured_sparsity(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  const Finding& finding = answer.findings.front();
  EXPECT_THAT(finding.title, HasSubstr("34 of 35 weights are 2:4 sparse"));
  EXPECT_EQ(finding.evidence.front().layers.size(), 34U);
  // The sparse engine of the same hour is no faster: nearly all of these layers wait for memory.
  ASSERT_TRUE(finding.gain);
  EXPECT_LT(finding.gain->high, 0.01 * subject.get().inference_seconds());
  EXPECT_EQ(finding.severity, Severity::note);
  EXPECT_THAT(finding.commands.front(), HasSubstr("--sparsity"));
}

TEST(StructuredSparsity, LeavesAnEngineAloneThatUsesIt) {
  const DiagnosedSubject subject(stored_profile("sparse_b64_graph"), pruned_mobilenet());
  const RuleAnswer answer = rules::structured_sparsity(subject.get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("16 layers run sparse kernels"));
}

TEST(StructuredSparsity, SeesNoOpportunityWhereMemoryBinds) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = rules::structured_sparsity(subject.get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("none of 35 weights is 2:4 sparse"));
  EXPECT_THAT(answer.why_not, HasSubstr("arithmetic binds 1"));
}

TEST(StructuredSparsity, SeesTheOpportunityWhereArithmeticBindsWhichAFictitiousFastMemoryMakesSo) {
  const DiagnosedSubject real(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const Subject given = real.get();
  DeviceCeilings fast = *given.ceilings;
  for (CeilingFigure& figure : fast.figures) {
    if (figure.kind == CeilingKind::memory_bandwidth) figure.value *= 1000.0;
  }
  const auto roofline = roofline_of(given.profile, given.costs, &fast);
  const Subject subject{given.profile, given.costs, given.account, &*roofline,
                        given.verdict, &fast,       given.model,   nullptr};
  const RuleAnswer answer = rules::structured_sparsity(subject);
  ASSERT_EQ(answer.findings.size(), 1U);
  const Finding& finding = answer.findings.front();
  ASSERT_TRUE(finding.gain);
  double bound = 0.0;
  for (const LayerRoofline& roof : roofline->layers) {
    const LayerClass layer_class = given.profile.layer_run->layers[roof.layer].layer_class;
    const bool dense = layer_class == LayerClass::convolution || layer_class == LayerClass::fully_connected;
    if (dense && roof.bound == LayerBound::compute) bound += 0.5 * roof.seconds.value_or(0.0);
  }
  EXPECT_GT(bound, 0.0);
  EXPECT_LE(finding.gain->high, bound * (1.0 + 1e-9));
  EXPECT_GT(finding.gain->high, 0.5 * bound);
}

TEST(StructuredSparsity, IsAboutNewerGpusAndNarrowTypes) {
  const auto why_not = [](Profile profile) {
    const RuleAnswer answer = rules::structured_sparsity(DiagnosedSubject(std::move(profile)).get());
    EXPECT_TRUE(answer.findings.empty());
    return answer.why_not;
  };
  EXPECT_THAT(why_not(stored_profile("mobilenetv2_cpu")), HasSubstr("CPU"));
  EXPECT_THAT(why_not(stored_profile("resnet50")), HasSubstr("FP16, BF16 or INT8"));
  Profile old = stored_profile("mobilenetv2_b64_graph");
  old.environment.properties["compute capability"] = "7.5";
  EXPECT_THAT(why_not(old), HasSubstr("no sparse tensor cores"));
  old.environment.properties.erase("compute capability");
  EXPECT_THAT(why_not(old), HasSubstr("does not tell"));
  Profile empty = stored_profile("mobilenetv2_b64_graph");
  empty.layer_run->layers.clear();
  empty.timeline.reset();
  EXPECT_THAT(why_not(empty), HasSubstr("no convolution or matrix product"));
  empty.layer_run.reset();
  EXPECT_THAT(why_not(empty), HasSubstr("no layer run"));
}

}  // namespace
}  // namespace trtprof
