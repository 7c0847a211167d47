// The module for TensorRT 11 with NVIDIA's lean and dispatch runtimes, on a machine without a GPU: they load, say what
// they are, and take what they may run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "support/tensorrt_module.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr EngineVersion kLean = {11, 4, 0, 106};

// The library is chosen once in a process, so each run is one of the program.
class TensorrtLean : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.has_value());
    const ProgramResult probe = profile(plan_bytes("ftrt", kLean, 100));
    if (probe.err.find("is not available") != std::string::npos) {
      GTEST_SKIP() << "the headers are not here (tools/deps.sh gpu): " << probe.err;
    }
    if (probe.err.find("not on this machine") != std::string::npos) {
      GTEST_SKIP() << "the library is not here (tools/deps.sh tensorrt): " << probe.err;
    }
  }

  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  ProgramResult run(std::vector<std::string> arguments) const {
    return run_tensorrt_profiling(
        arguments,
        {.environment = {kNoGpu, {"TRTPROF_TENSORRT_PATH", kLeanRuntimes}, {"TRTPROF_TENSORRT_RUNTIME", GetParam()}}});
  }
  ProgramResult profile(const std::string& plan, std::vector<std::string> options = {}) const {
    EXPECT_TRUE(write_file(path("m.engine"), plan).has_value());
    options.insert(options.begin(), {path("m.engine"), "--backend", "tensorrt-11"});
    return run(options);
  }
  // What the builder said of the engine that profile() writes.
  void record(const std::string& plan, bool version_compatible) const {
    EngineRecord record;
    record.engine = {sha256_of(plan), plan.size()};
    record.options.version_compatible = version_compatible;
    record.options.exclude_lean_runtime = version_compatible;
    EXPECT_TRUE(write_file(sidecar_path(path("m.engine")), engine_record_to_json(record)).has_value());
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-lean-test");
};

INSTANTIATE_TEST_SUITE_P(Runtimes, TensorrtLean, ::testing::Values("lean", "dispatch"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(TensorrtLean, BuildsNothingAndSaysSoBeforeAGpuIsMissed) {
  ASSERT_EQ(run({"sample", "mobilenetv2", "-o", path("m.onnx"), "--width", "0.35", "--resolution", "32"}).exit_code, 0);
  const ProgramResult result = run({"build", path("m.onnx"), "-o", path("b.engine"), "--backend", "tensorrt-11"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err,
              StartsWith(std::string("error: the ") + GetParam() +
                         " runtime of TensorRT 11.4.0.106 runs engines and builds none\nhint: libnvinfer.so.11"));
}

TEST_P(TensorrtLean, AnEngineThatItMayRunIsRefusedForTheGpuAlone) {
  const std::string own = plan_bytes("ftrt", kLean, 1000);
  const std::string older = plan_bytes("ftrt", {10, 6, 0, 26}, 1000);
  for (const std::string& plan : {own, older}) {
    EXPECT_THAT(profile(plan).err, StartsWith("error: no usable NVIDIA GPU"));  // nobody says what it is
    record(plan, true);
    const ProgramResult result = profile(plan);
    EXPECT_EQ(result.exit_code, 4);
    EXPECT_THAT(result.err, StartsWith("error: no usable NVIDIA GPU"));
    std::filesystem::remove(sidecar_path(path("m.engine")));
  }
}

TEST_P(TensorrtLean, AnEngineThatItMayNotRunIsRefusedWithTheReason) {
  const std::string plan = plan_bytes("ftrt", kLean, 1000);
  record(plan, false);
  const ProgramResult plain = profile(plan);
  EXPECT_EQ(plain.exit_code, 4);
  EXPECT_THAT(plain.err, AllOf(HasSubstr("was built by TensorRT 11.4.0.106 without --version-compatible"),
                               HasSubstr("runtime of TensorRT 11.4.0.106 runs no other engines\nhint: ")));
  std::filesystem::remove(sidecar_path(path("m.engine")));
  const ProgramResult newer = profile(plan_bytes("ftrt", {11, 5, 0, 1}, 1000));
  EXPECT_EQ(newer.exit_code, 4);
  EXPECT_THAT(newer.err, AllOf(HasSubstr("was built by TensorRT 11.5.0.1"), HasSubstr("here is TensorRT 11.4.0.106"),
                               Not(HasSubstr("GPU"))));
}

TEST_P(TensorrtLean, InspectSaysWhatItCouldNotSee) {
  const std::string plan = plan_bytes("ftrt", kLean, 1000);
  ASSERT_TRUE(write_file(path("m.engine"), plan).has_value());
  record(plan, false);
  const ProgramResult result = run({"inspect", path("m.engine"), "--backend", "tensorrt-11"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("TensorRT 11.4.0.106"), HasSubstr("Not seen:"),
                                HasSubstr("without --version-compatible")));
}

}  // namespace
}  // namespace trtprof::test
