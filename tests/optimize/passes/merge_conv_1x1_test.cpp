#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPass = "merge-conv-1x1";
const std::string kIo = "(float[n, 3, 5, 5] x) => (float[n, 2, h, w] y) ";
// 3 -> 4 -> 2: together 6 multiplications, apart 20.
const std::string kWide =
    "float[4, 3, 1, 1] v = {1,2,3,4,5,6,7,8,9,10,11,12}, float[2, 4, 1, 1] w = {1,-1,2,-2,3,-3,4,-4}";
// 3 -> 1 -> 2: together 6, apart 5.
const std::string kNarrow = "float[1, 3, 1, 1] v = {1,2,3}, float[2, 1, 1, 1] w = {1,-1}";

TEST(MergeConv1x1, InARow) {
  const auto run = expect_becomes(kPass, kIo + "<" + kWide + "> { a = Conv(x, v) y = Conv(a, w) }", {"Conv"});
  EXPECT_EQ(run.report.applications[0].what, "Conv 'a' and Conv 'y' are one");
  EXPECT_EQ(run.after.proto().graph().initializer_size(), 1);
  const std::string biased = "<" + kWide + ", float[4] b = {1, 2, 3, 4}, float[2] c = {7, 8}> ";
  expect_becomes(kPass, kIo + biased + "{ a = Conv(x, v, b) y = Conv(a, w) }", {"Conv"});
  expect_becomes(kPass, kIo + biased + "{ a = Conv(x, v) y = Conv(a, w, c) }", {"Conv"});
  expect_becomes(kPass, kIo + biased + "{ a = Conv<strides=[2,1]>(x, v, b) y = Conv<strides=[1,2]>(a, w, c) }",
                 {"Conv"});
}

TEST(MergeConv1x1, InARowOnlyWhereItIsLessWork) {
  EXPECT_THAT(expect_unchanged(kPass, kIo + "<" + kNarrow + "> { a = Conv(x, v) y = Conv(a, w) }"),
              ElementsAre("with Conv 'a' as one it would take 6 multiplications a pixel instead of 5"));
  // The first one's pixels that nobody reads are saved as well.
  expect_becomes(kPass, kIo + "<" + kNarrow + "> { a = Conv(x, v) y = Conv<strides=[2,2]>(a, w) }", {"Conv"});
  EXPECT_THAT(expect_unchanged(kPass, kIo + "<" + kWide + "> { a = Conv(x, v) r = Relu(a) y = Conv(r, w) }"),
              IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass, "(float[n, 3, 5, 5] x) => (float[n, 2, h, w] y, float[n, 4, 5, 5] a) <" + kWide +
                                          "> { a = Conv(x, v) y = Conv(a, w) }"),
              ElementsAre("others read what Conv 'a' makes, too"));
  EXPECT_THAT(expect_unchanged(kPass, kIo + "<" + kWide + "> { a = Conv<pads=[1,1,1,1]>(x, v) y = Conv(a, w) }"),
              IsEmpty());
}

const std::string kBranches =
    "(float[n, 2, 5, 5] x) => (float[n, 5, h, w] y) <float[2, 2, 1, 1] v = {1,2,3,4}, "
    "float[3, 2, 1, 1] w = {1,-1,2,-2,3,-3}, float[3] b = {1,2,3}, float z = {0}, float o = {6}> ";

TEST(MergeConv1x1, OfTheSameInput) {
  const auto run = expect_becomes(kPass, kBranches + "{ p = Conv(x, v) q = Conv(x, w, b) y = Concat<axis=1>(p, q) }",
                                  {"Conv", "Split", "Concat"});
  EXPECT_EQ(run.report.applications[0].what, "Conv 'p' and 1 more that read 'x' are one");
  for (const int opset : {11, 13, 18}) {
    expect_becomes(
        kPass, kBranches + "{ p = Conv<strides=[2,2]>(x, v) q = Conv<strides=[2,2]>(x, w) y = Concat<axis=1>(p, q) }",
        {"Conv", "Split", "Concat"}, opset);
  }
}

TEST(MergeConv1x1, ActivationsAlikeComeBeforeTheSplit) {
  expect_becomes(kPass,
                 kBranches + "{ p = Conv(x, v) q = Conv(x, w, b) r = Relu(p) s = Relu(q) y = Concat<axis=1>(r, s) }",
                 {"Conv", "Relu", "Split", "Concat"});
  expect_becomes(kPass,
                 kBranches +
                     "{ p = Conv(x, v) k = Constant<value = float {6}>() r = Clip(p, z, k) q = Conv(x, w, b) "
                     "s = Clip(q, z, o) y = Concat<axis=1>(r, s) }",
                 {"Conv", "Clip", "Split", "Concat"});
  EXPECT_THAT(
      expect_unchanged(kPass, kBranches + "{ p = Conv(x, v) q = Conv(x, w, b) r = Relu(p) y = Concat<axis=1>(r, q) }"),
      ElementsAre("Relu 'r' behind Conv 'p' could not be fused through a Split"));
  EXPECT_THAT(expect_unchanged(kPass, kBranches + "{ p = Conv(x, v) q = Conv(x, w, b) r = Clip(p, z, o) s = Clip(q, z) "
                                                  "y = Concat<axis=1>(r, s) }"),
              ElementsAre("Clip 'r' behind Conv 'p' could not be fused through a Split"));
}

TEST(MergeConv1x1, SaysWhyNot) {
  EXPECT_THAT(expect_unchanged(kPass,
                               "(float[n, 2, 5, 5] x) => (float[n, 2, h, w] p, float[n, 2, h, w] q) "
                               "<float[2, 2, 1, 1] v = {1,2,3,4}> { p = Conv(x, v) q = Conv(x, v) }"),
              ElementsAre("'p' is an output of the graph"));
  // Other strides, other kernels.
  EXPECT_THAT(expect_unchanged(kPass,
                               "(float[n, 2, 5, 5] x) => (float[n, 2, h, w] p, float[n, 2, i, j] q) "
                               "<float[2, 2, 1, 1] v = {1,2,3,4}, float[2, 2, 1, 2] w = {1,2,3,4,5,6,7,8}> "
                               "{ a = Conv(x, v) p = Neg(a) b = Conv<strides=[2,2]>(x, v) c = Conv(x, w) "
                               "d = ReduceMax(b) q = Add(c, d) }"),
              IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass,
                               "(float16[n, 1, 5, 5] x) => (float16[n, 2, h, w] y) <float16[1, 1, 1, 1] v = {15360}> "
                               "{ a = Conv(x, v) b = Conv(x, v) y = Concat<axis=1>(a, b) }"),
              ElementsAre("the weights of Conv 'a' are f16, which a second rounding would cost accuracy",
                          "the weights of Conv 'b' are f16, which a second rounding would cost accuracy"));
}

}  // namespace
}  // namespace trtprof
