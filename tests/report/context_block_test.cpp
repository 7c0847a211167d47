#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string context_of(const Profile& profile) {
  std::ostringstream out;
  text_report::write_context(out, profile);
  return out.str();
}

TEST(ContextBlock, SaysWhatWasRunOnWhat) {
  EXPECT_EQ(context_of(test::full_profile()),
            R"(Device:    Intel(R) Xeon(R) Platinum 8480+ (CPU)
Machine:   bench-7, Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64, 112 logical CPUs, 540 GB memory
Engine:    OpenVINO 2026.4.1-22982-abcdef (backend openvino)
Model:     my model.onnx (14.2 MB, sha256 9f86d081884c, opset 17, com.microsoft 1, 154 nodes)
Inputs:    x f32 2x3x224x224
           长度 i64 scalar
Precision: bf16
Threads:   8
Streams:   1
Batch:     2
Command:   tensorrt_profiling 'my model.onnx' --shape x:1x3x224x224 --top 3
Tool:      tensorrt_profiling 0.1.0 (commit 0123456789ab)
Date:      2026-01-31T23:59:59Z
)");
}

TEST(ContextBlock, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(context_of(test::bare_profile()), R"(Device: not known (CPU)
Engine: OpenVINO (backend openvino)
Model:  model.onnx
)");
}

TEST(ContextBlock, NamesTheProcessorBesideAGpu) {
  Profile profile = test::full_profile();
  profile.environment.device_kind = DeviceKind::gpu;
  profile.environment.device_name = "NVIDIA H200";
  EXPECT_THAT(context_of(profile), HasSubstr("NVIDIA H200 (GPU)\n"));
  EXPECT_THAT(context_of(profile), HasSubstr("x86_64, Intel(R) Xeon(R) Platinum 8480+, 112 logical"));
}

TEST(ContextBlock, TellsOfAGpuWhatMatters) {
  Profile profile = test::gpu_profile();
  EXPECT_THAT(context_of(profile), HasSubstr(R"(Device:    NVIDIA H200 (GPU)
GPU:       cuda:0, compute capability 9.0, 132 multiprocessors, 150 GB memory, 62.9 MB L2 cache
CUDA:      driver 13.0, runtime 12.6
Settings:  CUDA graph yes, transfers overlapped, page-locked, waiting block
)"));
  profile.environment.properties.clear();
  EXPECT_THAT(context_of(profile), Not(HasSubstr("CUDA")));
  profile.environment.properties = {{"device", "a\x1b[2J"}, {"other\n", "b\x1b"}};
  EXPECT_THAT(context_of(profile), Not(HasSubstr("\x1b")));
}

TEST(ContextBlock, QuotesTheCommandAsAShellReadsIt) {
  Profile profile = test::bare_profile();
  profile.environment.command_line = {"trt", "it's", "", "a;b", "$HOME", "plain-1.0"};
  EXPECT_THAT(context_of(profile), HasSubstr(R"(Command: trt 'it'\''s' '' 'a;b' '$HOME' plain-1.0)"));
}

TEST(ContextBlock, ListsAFewOfManyInputs) {
  Profile profile = test::bare_profile();
  profile.model.inputs.assign(100, {"cache", "", {1, -1}, "", std::nullopt});
  EXPECT_THAT(context_of(profile), HasSubstr("Inputs: cache ? 1x?\n"));
  EXPECT_THAT(context_of(profile), HasSubstr("        and 84 more\n"));
}

TEST(ContextBlock, LetsNoNameActOnTheTerminal) {
  Profile profile = test::full_profile();
  const std::string hostile = "a\x1b[2J\nb";
  profile.environment.hostname = hostile;
  profile.environment.device_name = hostile;
  profile.environment.engine_version = hostile;
  profile.environment.command_line = {hostile};
  profile.model.path = hostile;
  profile.model.opsets[hostile] = 1;
  profile.model.inputs[0].name = hostile;
  EXPECT_THAT(context_of(profile), Not(HasSubstr("\x1b")));
  EXPECT_THAT(context_of(profile), Not(HasSubstr("\nb")));
}

}  // namespace
}  // namespace trtprof
