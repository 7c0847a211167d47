#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/subject.h"
#include "trtprof/diagnose/rules/compute_units.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using rules::Units;
using test::DiagnosedSubject;
using test::stored_profile;
using testing::Each;
using testing::HasSubstr;

// ResNet-50 as an engine built with --no-tf32 names it; times are those with TF32.
Profile resnet_without_tf32() {
  Profile profile = stored_profile("resnet50");
  for (Layer& layer : profile.layer_run->layers) {
    if (layer.precision != "tf32") continue;
    layer.precision = "f32";
    layer.implementation = "sm80_xmma_fprop_implicit_gemm_f32f32_f32f32_f32_nhwckrsc_nhwc_simt_ffma";
  }
  return profile;
}

TEST(TensorCores, SaysWhatFp32CostsWhichARealProfileWithTf32TakenAwayHas) {
  const DiagnosedSubject subject(resnet_without_tf32(), "resnet50", 1);
  const RuleAnswer answer = rules::tensor_cores(subject.get());
  ASSERT_EQ(answer.findings.size(), 1U);
  const Finding& finding = answer.findings.front();
  EXPECT_THAT(finding.explanation, HasSubstr("in FP32 without TF32"));
  EXPECT_THAT(finding.action, HasSubstr("--no-tf32"));
  ASSERT_TRUE(finding.gain);
  EXPECT_GT(finding.gain->low, 0.0);
  EXPECT_LE(finding.gain->low, finding.gain->high);
  // All convolutions' arithmetic, at 67 TFLOP/s, bounds what tensor cores can save of arithmetic.
  EXPECT_LT(finding.gain->low, 8.2e9 / 67e12);
  EXPECT_LT(finding.gain->high, subject.get().inference_seconds());
  EXPECT_THAT(finding.evidence.front().layers, testing::SizeIs(testing::Ge(10U)));
}

TEST(TensorCores, MatrixTimesVectorGainsNothing) {
  const RuleAnswer answer = rules::tensor_cores(DiagnosedSubject(stored_profile("resnet50"), "resnet50", 1).get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("1 layer with 1.2%"));
  EXPECT_THAT(answer.why_not, HasSubstr("gain nothing"));
}

TEST(TensorCores, AllConvolutionsOfMobileNetAtBatch64UseThem) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const RuleAnswer answer = rules::tensor_cores(subject.get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("36 layers of convolutions and matrix products run on the tensor cores"));
}

TEST(TensorCores, NamesTheFp32LayersOfANarrowEngine) {
  Profile profile = resnet_without_tf32();
  for (Layer& layer : profile.layer_run->layers) {
    if (layer.name.find("stage4") == std::string::npos) continue;
    layer.precision = "f16";
    layer.implementation = "sm80_xmma_gemm_f16f16_f16f16_f16_tn_n_tensor16x8x16";
  }
  const RuleAnswer answer = rules::tensor_cores(DiagnosedSubject(std::move(profile), "resnet50", 1).get());
  ASSERT_EQ(answer.findings.size(), 1U);
  EXPECT_THAT(answer.findings.front().explanation, HasSubstr("in FP32 in an engine of a narrower precision"));
  EXPECT_THAT(answer.findings.front().evidence.front().layers, Each(testing::Not(HasSubstr("stage4"))));
}

TEST(TensorCores, CountersDecideBeforeNames) {
  Profile profile = resnet_without_tf32();
  Counters counters;
  counters.metrics = {"sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed"};
  for (const Layer& layer : profile.layer_run->layers) {
    CountedKernel kernel;
    kernel.layer = layer.name;
    kernel.values = {50.0};
    counters.kernels.push_back(kernel);
  }
  profile.counters = counters;
  const RuleAnswer used = rules::tensor_cores(DiagnosedSubject(profile).get());
  EXPECT_TRUE(used.findings.empty());
  EXPECT_THAT(used.why_not, HasSubstr("none beside them"));
  for (CountedKernel& kernel : profile.counters->kernels) kernel.values = {0.0};
  const RuleAnswer unused = rules::tensor_cores(DiagnosedSubject(std::move(profile), "resnet50", 1).get());
  ASSERT_EQ(unused.findings.size(), 1U);
  EXPECT_THAT(unused.findings.front().explanation, HasSubstr("hardware counters"));
}

TEST(TensorCores, WithoutLimitsNothingIsClaimed) {
  Profile profile = resnet_without_tf32();
  profile.environment.device_name = "a GPU that nobody knows";
  const RuleAnswer answer = rules::tensor_cores(DiagnosedSubject(std::move(profile), "resnet50", 1).get());
  EXPECT_TRUE(answer.findings.empty());
  EXPECT_THAT(answer.why_not, HasSubstr("the device's limits are not"));
}

TEST(TensorCores, IsAboutGpusThatHaveThem) {
  const auto why_not = [](Profile profile) {
    return rules::tensor_cores(DiagnosedSubject(std::move(profile)).get()).why_not;
  };
  EXPECT_THAT(why_not(stored_profile("mobilenetv2_cpu")), HasSubstr("CPU"));
  Profile profile = stored_profile("resnet50");
  profile.environment.properties["compute capability"] = "6.1";
  EXPECT_THAT(why_not(profile), HasSubstr("6.1 has no tensor cores"));
  profile.environment.properties["compute capability"] = "?";
  EXPECT_THAT(why_not(profile), HasSubstr("does not tell"));
  profile.environment.properties["compute capability"] = "9.0";
  profile.layer_run.reset();
  EXPECT_THAT(why_not(profile), HasSubstr("no layer run"));
  EXPECT_THAT(why_not(stored_profile("transfer")), HasSubstr("no layer with a time"));
}

TEST(UnitsOfKernels, ByTheNamesOfRealKernels) {
  for (const char* name :
       {"sm80_xmma_fprop_implicit_gemm_indexed_wo_smem_f32f32_tf32f32_f32_nhwckrsc_nhwc_tilesize128x16x16",
        "sm90_xmma_gemm_f16f16_f16f16_f16_nn_n_tilesize256x64x32_cgasize1x2x1_warpgroupsize1x1x1_beta0",
        "sm90_xmma_fprop_image_first_layer_f16f16_f32_f16_nhwckrsc_nhwc_hmma_k32c4r3s3_stride2x2",
        "sm80_xmma_fprop_implicit_gemm_interleaved_i8i8_i8i32_f32_nchw_vect_c_32kcrs_vect_c_32_nchw_vect_c_32",
        "volta_h884gemm_128x64_ldg8_nn_s884", "ampere_fp16_s16816gemm_fp16_128x64"}) {
    EXPECT_EQ(rules::units_of_kernel(name), Units::tensor_cores) << name;
  }
  for (const char* name : {"sm50_xmma_cublas_gemvx_f32f32_f32_f32_tn_n_int32_unit_n_launch_param4x32x32",
                           "sm80_xmma_deconv_implicit_gemm_indexed_f32f32_f32f32_f32_nhwckrsc_nhwc_tilesize128x32x8",
                           "sm50_xmma_deconv_2d_stride_eq_filter_FP32FP32FP32NCHW_tilesize32x32x8",
                           "ampere_sgemm_128x64_nn", "cutlass_80_simt_sgemm_128x64_8x5_nn_align1"}) {
    EXPECT_EQ(rules::units_of_kernel(name), Units::cuda_cores) << name;
  }
  for (const char* name : {"__myl_Cas_0x096c0b97f52c4bf5b6208611cc0fcdb5", "", "my_plugin_kernel"}) {
    EXPECT_EQ(rules::units_of_kernel(name), Units::unknown) << name;
  }
}

}  // namespace
}  // namespace trtprof
