#include "trtprof/optimize/precision/large_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"

namespace trtprof {
namespace {

using test::blocked;
using test::converted;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(LargeWeights, TheirNodeStays) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[1, 2] x) => (float[1, 2] y) <float[2, 2] w = {1, 2, 3, 100000}> { a = Relu(x)  y = MatMul(a, w) })");
  EXPECT_THAT(blocked(result.report), UnorderedElementsAre(Pair("y", "its weights 'w' reach 1e+05, beyond f16")));
  EXPECT_THAT(result.report.losses, IsEmpty());
}

TEST(LargeWeights, MasksBecomeTheLargestValue) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[2] x, bool[2] m) => (float[2] y) <float lowest = {-3.4028234e38}, float[2] mask = {0, -1000000000}> {
        a = Where(m, x, lowest)  b = Add(a, mask)  y = Softmax(b) })");
  EXPECT_THAT(result.report.blocked, IsEmpty());
  ASSERT_EQ(result.report.losses.size(), 2U);
  EXPECT_EQ(result.report.losses[0].overflowed, 1U);
  EXPECT_EQ(result.report.losses[1].overflowed, 1U);
}

TEST(LargeWeights, ALargeAddendIsANumber) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[2] x) => (float[2] y) <float[2] w = {0, 70000}> { a = Relu(x)  y = Add(a, w) })");
  EXPECT_THAT(blocked(result.report), UnorderedElementsAre(Pair("y", "its weights 'w' reach 7e+04, beyond f16")));
}

TEST(LargeWeights, LimitsMeanTheSame) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[2] x) => (float[2] y) <float low = {0}, float high = {100000}> { a = Relu(x)  y = Clip(a, low, high) })");
  EXPECT_THAT(result.report.blocked, IsEmpty());
}

}  // namespace
}  // namespace trtprof
