#include "trtprof/profile/kernel_name.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(KernelName, LosesReturnTypeTemplateArgumentsAndParameters) {
  EXPECT_EQ(function_name("sm80_xmma_gemm_f16f16_execute_kernel_trt"), "sm80_xmma_gemm_f16f16_execute_kernel_trt");
  EXPECT_EQ(function_name("void cuInt8::nchwTonhwc<float, 32, 16, 2>(const T1 *, __half *, int)"),
            "cuInt8::nchwTonhwc");
  EXPECT_EQ(function_name("void a::b<c<d>, (e)3>::f<g>(int (*)(h))"), "a::b::f");
  EXPECT_EQ(function_name("  void f()  "), "f");
  EXPECT_EQ(function_name(""), "");
}

TEST(KernelName, MangledNamesAreDemangled) {
  EXPECT_EQ(function_name("_ZN15genericReformat16copyPackedKernelI6__halffLb1ELb0EEEvjjPKv"),
            "genericReformat::copyPackedKernel");
  EXPECT_EQ(demangled("_ZN1a1bEi"), "a::b(int)");
  EXPECT_EQ(demangled("_Znot mangled"), "_Znot mangled");
  EXPECT_EQ(demangled("plain"), "plain");
}

TEST(KernelName, NamespacesWithoutANameAreKept) {
  EXPECT_EQ(function_name("void (anonymous namespace)::f<int>(int)"), "{anonymous}::f");
  EXPECT_TRUE(same_function("void (anonymous namespace)::f<int>(int)", "void <unnamed>::f<int>(T1)"));
}

TEST(KernelName, ToolsThatSpellArgumentsDifferentlyNameOneFunction) {
  EXPECT_TRUE(same_function("void n::f<float, 32>(float const*)", "void n::f<float, (int)32>(const T1 *)"));
  EXPECT_TRUE(same_function("f", "void n::f<3>(int)"));  // without its namespace
  EXPECT_FALSE(same_function("void m::f<3>(int)", "void n::f<3>(int)"));
  EXPECT_FALSE(same_function("sm80_gemm_a", "sm80_gemm_b"));
  EXPECT_FALSE(same_function("", ""));
}

TEST(KernelName, ANameCutShortIsABeginning) {
  EXPECT_TRUE(same_function("sm80_xmma_gemm_f16f16...", "sm80_xmma_gemm_f16f16_execute_kernel_trt"));
  EXPECT_TRUE(same_function("sm80_xmma_gemm_f16f16_execute_kernel_trt", "sm80_xmma\u2026"));
  EXPECT_TRUE(same_function("copyPacked...", "void genericReformat::copyPackedKernel<float>(int)"));
  EXPECT_FALSE(same_function("sm90...", "sm80_xmma_gemm"));
  EXPECT_FALSE(same_function("sm80_xmma", "sm80_xmma_gemm"));
}

}  // namespace
}  // namespace trtprof
