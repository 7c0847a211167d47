#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/base/build_info.h"
#include "trtprof/measure/measure.h"

namespace trtprof {
namespace {

TEST(DescribeEnvironment, SaysWhatProgramThisIs) {
  const Environment environment = describe_environment({"tensorrt_profiling", "model.onnx"});
  EXPECT_EQ(environment.tool_version, kVersion);
  EXPECT_EQ(environment.tool_commit, kCommit);
  EXPECT_THAT(environment.command_line, testing::ElementsAre("tensorrt_profiling", "model.onnx"));
  EXPECT_THAT(environment.started_at,
              testing::MatchesRegex("20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z"));
}

TEST(DescribeEnvironment, SaysWhatMachineThisIs) {
  const Environment environment = describe_environment({});
  EXPECT_FALSE(environment.hostname.empty());
  EXPECT_FALSE(environment.cpu_model.empty());
  EXPECT_THAT(environment.operating_system, testing::HasSubstr("Linux "));
  EXPECT_GE(environment.logical_cpus.value(), 1);
  EXPECT_GT(environment.memory_bytes.value(), std::uint64_t{1} << 26U);
}

TEST(DescribeEnvironment, LeavesToTheBackendWhatTheBackendKnows) {
  const Environment environment = describe_environment({});
  EXPECT_EQ(environment.backend, "");
  EXPECT_EQ(environment.engine_name, "");
  EXPECT_EQ(environment.threads, std::nullopt);
}

}  // namespace
}  // namespace trtprof
