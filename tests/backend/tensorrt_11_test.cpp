// The module for TensorRT 11 with NVIDIA's libnvinfer.so.11, on a machine without a GPU: it loads, and says what is
// missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tensorrt_module.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Tensorrt11 : public TensorrtModule {
 protected:
  Tensorrt11() : TensorrtModule("tensorrt-11", "ftrt", {11, 2, 1, 0}) {}
};

TEST_F(Tensorrt11, TheLibraryIsThereAndTheGpuIsNot) {
  EXPECT_EQ(backend().name(), "tensorrt");
  EXPECT_TRUE(backend().builds_engines());
  const auto probed = backend().probe();
  ASSERT_FALSE(probed.has_value());
  EXPECT_EQ(probed.error().code, ErrorCode::unavailable);
  EXPECT_THAT(probed.error().message, HasSubstr("no usable NVIDIA GPU"));
  EXPECT_NE(probed.error().hint, "");
}

TEST_F(Tensorrt11, BuildsNothingWithoutAGpu) {
  const auto model = make_sample("mobilenetv2", {.width = 0.35, .resolution = 32});
  ASSERT_TRUE(model.has_value());
  ASSERT_TRUE(model->save(path("m.onnx")).has_value());
  NoProgress progress;
  const StopFlag stop;
  const auto built = backend().build({path("m.onnx"), model->graph()}, {}, progress, stop);
  ASSERT_FALSE(built.has_value());
  EXPECT_EQ(built.error().code, ErrorCode::unavailable);
  EXPECT_THAT(built.error().message, HasSubstr("no usable NVIDIA GPU"));
}

class Tensorrt11Plugin : public Tensorrt11 {
 protected:
  void SetUp() override {
    Tensorrt11::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (!std::filesystem::exists(library_)) GTEST_SKIP() << "CUDA's compiler is not here (tools/deps.sh gpu)";
  }
  Error refusal_with(const std::filesystem::path& plugin) {
    BuildOptions options;
    options.plugins = {plugin};
    NoProgress progress;
    const StopFlag stop;
    const auto built = backend().build({path("m.onnx"), {}}, options, progress, stop);
    EXPECT_FALSE(built.has_value());
    return built ? Error{} : built.error();
  }
  std::filesystem::path library_ = std::filesystem::path(kBuildDir) / "tests/plugins/libhard_mish_tensorrt-11.so";
};

// A library that waits to be asked for its creators, registered in NVIDIA's own registry; then a GPU alone is missing.
TEST_F(Tensorrt11Plugin, ALibraryIsRegisteredOnce) {
  EXPECT_THAT(refusal_with(library_).message, HasSubstr("no usable NVIDIA GPU"));
  EXPECT_THAT(refusal_with(library_).message, HasSubstr("no usable NVIDIA GPU"));
  // The same operators from another file: the registry refuses, which shows that it has them.
  std::filesystem::copy_file(library_, path("libcopy.so"));
  const Error twice = refusal_with(path("libcopy.so"));
  EXPECT_EQ(twice.code, ErrorCode::failed);
  EXPECT_THAT(twice.message, AllOf(HasSubstr("does not take the plugins of"), HasSubstr("libcopy.so")));
  EXPECT_NE(twice.hint, "");
}

TEST_F(Tensorrt11Plugin, ALibraryThatIsNotThere) {
  EXPECT_THAT(refusal_with(path("libnone.so")).message,
              AllOf(HasSubstr("libnone.so"), HasSubstr("cannot open shared object file")));
}

// That the version is known shows that the library was loaded and asked.
TEST_F(Tensorrt11, EnginesOfAnotherVersionAreRefusedBeforeAGpuIsLookedFor) {
  const Error older = refusal_of(plan_bytes("ftrt", {10, 6, 0, 26}, 1000));
  EXPECT_EQ(older.code, ErrorCode::unavailable);
  EXPECT_THAT(older.message, AllOf(HasSubstr("was built by TensorRT 10.6.0.26"), HasSubstr("here is TensorRT 11.2.1")));
  EXPECT_THAT(older.hint, HasSubstr("--version-compatible"));

  const Error newer = refusal_of(plan_bytes("ftrt", {11, 4, 0, 1}, 1000));
  EXPECT_THAT(newer.message, AllOf(HasSubstr("was built by TensorRT 11.4.0.1"), HasSubstr("here is TensorRT 11.2.1")));
  EXPECT_THAT(newer.hint, Not(HasSubstr("--version-compatible")));

  const Error other = refusal_of(plan_bytes("vtrt", {1, 7, 1, 116}, 1000));
  EXPECT_THAT(other.message, HasSubstr("was built by TensorRT-RTX 1.7.1.116"));
  EXPECT_THAT(other.hint, HasSubstr("build it again from its model with --backend tensorrt"));
}

TEST_F(Tensorrt11, EnginesThatMayRunHereFailForTheGpuAlone) {
  EXPECT_THAT(refusal_of(plan_bytes("ftrt", {11, 2, 1, 0}, 1000)).message, HasSubstr("no usable NVIDIA GPU"));
  const Error compatible = refusal_of(plan_bytes("ftrt", {10, 6, 0, 26}, 1000), true);
  EXPECT_THAT(compatible.message, HasSubstr("no usable NVIDIA GPU"));
}

}  // namespace
}  // namespace trtprof::test
