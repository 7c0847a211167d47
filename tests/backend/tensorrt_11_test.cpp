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
