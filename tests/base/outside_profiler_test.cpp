#include "trtprof/base/outside_profiler.h"

#include <map>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

std::optional<std::string> seen(const std::map<std::string, std::string>& variables, std::string_view maps) {
  return outside_profiler(
      [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      maps);
}

TEST(OutsideProfiler, NoneIsSeenInAProcessOfItsOwn) {
  EXPECT_EQ(outside_profiler(), std::nullopt);
  EXPECT_EQ(seen({{"PATH", "/usr/bin"}, {"CUDA_INJECTION64_PATH", ""}}, "7f00 r-xp /usr/lib/libc.so.6\n"),
            std::nullopt);
}

TEST(OutsideProfiler, IsKnownByItsVariables) {
  EXPECT_EQ(seen({{"NV_TPS_LAUNCH_TOKEN", "x"}}, ""), "Nsight Compute");
  EXPECT_EQ(seen({{"NSYS_PROFILING_SESSION_ID", "42"}}, ""), "Nsight Systems");
  EXPECT_EQ(seen({{"CUDA_INJECTION64_PATH", "/opt/tracer.so"}}, ""), "a CUDA profiler");
}

TEST(OutsideProfiler, IsNotTheModuleThatTakesRangesIn) {
  EXPECT_EQ(seen({{"NVTX_INJECTION64_PATH", "/opt/lib/trtprof/libtrtprof_backend_tensorrt-10.so"}}, ""), std::nullopt);
  EXPECT_EQ(seen({{"NVTX_INJECTION64_PATH", "/opt/libtrtprof_x/libcupti.so"}}, ""), "a CUDA profiler");
}

// Nsight Systems sets CUDA_INJECTION64_PATH, too: its own marks win.
TEST(OutsideProfiler, TheMostTellingMarkWins) {
  EXPECT_EQ(
      seen({{"CUDA_INJECTION64_PATH", "/opt/nsys/libToolsInjection64.so"}, {"NSYS_PROFILING_SESSION_ID", "1"}}, ""),
      "Nsight Systems");
}

TEST(OutsideProfiler, IsKnownByItsLibraries) {
  EXPECT_EQ(seen({}, "7f00 r-xp /opt/nsight-compute/target/libTreeLauncherTargetInjection.so\n"), "Nsight Compute");
  EXPECT_EQ(seen({}, "7f00 r-xp /usr/local/cuda/compute-sanitizer/libTreeLauncherTargetInjection.so\n"),
            "compute-sanitizer");
  EXPECT_EQ(seen({}, "7f00 r-xp /opt/nsight-systems/target/libToolsInjection64.so\n"), "Nsight Systems");
}

}  // namespace
}  // namespace trtprof
