#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;

constexpr const char* kPass = "pad-into-conv";
const std::string kIo = "(float[n, 2, 6, 6] x) => (float[n, c, h, w] y) ";
const std::string kPads = "int64[8] p = {0, 0, 1, 2, 0, 0, 0, 1}";
const std::string kWeights = "float[1, 2, 3, 3] w = {1,2,3,4,5,6,7,8,9,-1,-2,-3,-4,-5,-6,-7,-8,-9}";

std::string padded(const std::string& nodes, const std::string& constants = kPads + ", " + kWeights) {
  return kIo + "<" + constants + "> { " + nodes + " }";
}

TEST(PadIntoConv, IntoConv) {
  const auto run = expect_becomes(kPass, padded("a = Pad(x, p) y = Conv(a, w)"), {"Conv"});
  EXPECT_EQ(run.report.applications[0].what, "Pad 'a' is the padding of Conv 'y'");
  expect_becomes(kPass, padded("a = Pad(x, p) y = Conv<pads=[1,0,2,1], strides=[2,1]>(a, w)"), {"Conv"});
  expect_becomes(kPass, padded("a = Pad(x, p) y = Conv<auto_pad=\"VALID\">(a, w)"), {"Conv"});
  expect_becomes(kPass, padded("a = Pad(x, p) b = Conv(a, w) c = Conv(a, w) y = Add(b, c)"), {"Conv", "Conv", "Add"});
}

TEST(PadIntoConv, PadsOfEveryOperatorSet) {
  expect_becomes(kPass, padded("a = Pad<pads=[0,0,1,2,0,0,0,1]>(x) y = Conv(a, w)", kWeights), {"Conv"}, 10);
  expect_becomes(kPass, padded("a = Pad(x, p, z) y = Conv(a, w)", kPads + ", float z = {0}, " + kWeights), {"Conv"},
                 13);
  expect_becomes(
      kPass,
      padded("a = Pad(x, p, , i) y = Conv(a, w)", "int64[4] p = {2, 1, 1, 0}, int64[2] i = {-1, 2}, " + kWeights),
      {"Conv"}, 18);
}

TEST(PadIntoConv, IntoAveragePoolThatCountsIt) {
  expect_becomes(kPass, padded("a = Pad(x, p) y = AveragePool<kernel_shape=[3,3]>(a)", kPads), {"AveragePool"});
  expect_becomes(
      kPass, padded("a = Pad(x, p) y = AveragePool<kernel_shape=[4,4], pads=[1,0,1,0], count_include_pad=1>(a)", kPads),
      {"AveragePool"});
  const auto reason = [](const std::string& pool, int opset = 17) {
    const auto reasons =
        expect_unchanged(kPass,
                         opset < 11 ? padded("a = Pad<pads=[0,0,1,2,0,0,0,1]>(x) y = " + pool, kWeights)
                                    : padded("a = Pad(x, p) y = " + pool, kPads),
                         opset);
    return reasons.size() == 1 ? reasons[0] : "";
  };
  EXPECT_EQ(reason("AveragePool<kernel_shape=[4,4], pads=[1,0,1,0]>(a)"),
            "AveragePool 'y' reads it: it leaves its own padding out of the average");
  EXPECT_EQ(reason("AveragePool<kernel_shape=[3,3], ceil_mode=1>(a)"),
            "AveragePool 'y' reads it: it rounds its size up, and windows past the end count otherwise");
  EXPECT_EQ(reason("AveragePool<kernel_shape=[2,2]>(a)"),
            "AveragePool 'y' reads it: its windows would lie in the padding alone");
  EXPECT_EQ(reason("AveragePool<kernel_shape=[3,3]>(a)", 6),
            "AveragePool 'y' reads it: in this operator set it cannot average over what is padded");
  EXPECT_EQ(reason("MaxPool<kernel_shape=[3,3]>(a)"),
            "MaxPool 'y' reads it: it does not count its padding, and a zero may be the largest");
}

TEST(PadIntoConv, SaysWhyNot) {
  const auto reason = [](const std::string& graph, int opset = 17) {
    const auto reasons = expect_unchanged(kPass, graph, opset);
    return reasons.size() == 1 ? reasons[0] : "";
  };
  EXPECT_EQ(reason(padded("a = Pad<mode=\"reflect\">(x, p) y = Conv(a, w)")), "it pads by 'reflect', not with zeros");
  EXPECT_EQ(reason(padded("a = Pad(x, p, z) y = Conv(a, w)", kPads + ", float z = {1}, " + kWeights)),
            "it pads with 1, not with zeros");
  EXPECT_EQ(reason("(float[n, 2, 6, 6] x, float z) => (float[n, c, h, w] y) <" + kPads + ", " + kWeights +
                   "> { a = Pad(x, p, z) y = Conv(a, w) }"),
            "the value it pads with is not a constant");
  EXPECT_EQ(reason("(float[n, 2, 6, 6] x, int64[8] p) => (float[n, c, h, w] y) <" + kWeights +
                   "> { a = Pad(x, p) y = Conv(a, w) }"),
            "its pads are not a constant");
  EXPECT_EQ(reason(padded("a = Pad(x, p) y = Conv(a, w)", "int64[8] p = {1,0,0,0,0,0,0,0}, " + kWeights)),
            "it pads the batch or the channels");
  EXPECT_EQ(reason(padded("a = Pad(x, p) y = Conv(a, w)", "int64[8] p = {0,0,-1,0,0,0,0,0}, " + kWeights)),
            "it cuts off as well: a pad is negative");
  EXPECT_EQ(reason(padded("a = Pad(x, p) y = Conv<auto_pad=\"SAME_UPPER\">(a, w)")),
            "Conv 'y' reads it: it pads as SAME_UPPER says");
  EXPECT_EQ(reason(padded("a = Pad(x, p) b = Conv(a, w) c = Relu(a) d = ReduceSum(c) y = Add(b, d)")),
            "Relu 'c' reads it: it cannot pad");
  EXPECT_EQ(reason("(float[n, 2, 6, 6] x) => (float[n, c, h, w] y, float[n, 2, 7, 9] a) <" + kPads + ", " + kWeights +
                   "> { a = Pad(x, p) y = Conv(a, w) }"),
            "'a' is an output of the graph");
  EXPECT_EQ(reason("(float[1, 2, 3, 3] x) => (float[1, 1, h, w] y) <int64[8] p = {0,0,0,0,0,0,0,1}> { "
                   "a = Pad(x, p) y = Conv(x, a) }"),
            "Conv 'y' reads it as something else than its image");
}

}  // namespace
}  // namespace trtprof
