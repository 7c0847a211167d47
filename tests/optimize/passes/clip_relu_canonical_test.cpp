#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPass = "clip-relu-canonical";
const std::string kIo = "(float[n, 3] x) => (float[n, 3] y) ";
const std::string kLimits =
    "<float z = {0}, float l = {-1}, float h = {0.5}, float six = {6}, float big = {3.4028235e38}> ";

TEST(ClipReluCanonical, ClipFromZeroIsRelu) {
  expect_becomes(kPass, kIo + kLimits + "{ y = Clip(x, z) }", {"Relu"});
  expect_becomes(kPass, kIo + kLimits + "{ y = Clip(x, z, big) }", {"Relu"});
  expect_becomes(kPass, kIo + "{ y = Clip<min=0.0>(x) }", {"Relu"}, 10);
  expect_becomes(kPass, "(double[3] x) => (double[3] y) <double z = {0}> { y = Clip(x, z) }", {"Relu"});
  const auto run = expect_becomes(kPass, kIo + "{ z = Constant<value = float {0}>() y = Clip(x, z) }", {"Relu"});
  EXPECT_EQ(run.report.applications[0].what, "Clip 'y' is Relu");
}

TEST(ClipReluCanonical, OtherLimitsStayAClip) {
  EXPECT_THAT(expect_unchanged(kPass, kIo + kLimits + "{ y = Clip(x, z, six) }"), IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass, kIo + kLimits + "{ y = Clip(x, l) }"), IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass, kIo + kLimits + "{ y = Relu(x) }"), IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass, "(float[3] x, float m) => (float[3] y) { y = Clip(x, m) }"),
              ElementsAre("its limits are not constants, or not in order"));
  EXPECT_THAT(expect_unchanged(kPass, kIo + kLimits + "{ y = Clip(x, six, z) }"),
              ElementsAre("its limits are not constants, or not in order"));
  EXPECT_THAT(expect_unchanged(kPass, "(int32[3] x) => (int32[3] y) <int32 z = {0}> { y = Clip(x, z) }"),
              ElementsAre("its type is i32"));
}

TEST(ClipReluCanonical, WithoutLimitsItGoes) {
  expect_becomes(kPass, kIo + "{ a = Clip(x) y = Neg(a) }", {"Neg"});
  EXPECT_THAT(
      expect_unchanged(kPass, kIo + "{ y = Clip(x) }"),
      ElementsAre("it limits nothing, but 'x' cannot be called 'y', an output of the graph: it is an input or a "
                  "constant"));
}

TEST(ClipReluCanonical, TwoLimitsAreOne) {
  const auto run = expect_becomes(kPass, kIo + kLimits + "{ a = Relu(x) y = Clip(a, l, h) }", {"Clip"});
  EXPECT_EQ(run.report.applications[0].what, "Clip 'y' takes in Relu 'a': from 0 to 0.5");
  expect_becomes(kPass, kIo + kLimits + "{ a = Clip(x, l, h) y = Relu(a) }", {"Clip"});
  expect_becomes(kPass, kIo + kLimits + "{ a = Relu(x) y = Relu(a) }", {"Relu"});
  expect_becomes(kPass, kIo + kLimits + "{ a = Clip(x, l) y = Clip(a, z) }", {"Relu"});
  expect_becomes(kPass, kIo + kLimits + "{ a = Clip(x, h, six) b = Clip(a, l, z) y = Neg(b) }", {"Clip", "Neg"});
  expect_becomes(kPass, kIo + "{ a = Relu(x) y = Clip<min=-1.0, max=0.5>(a) }", {"Clip"}, 10);
  EXPECT_THAT(expect_unchanged(kPass, kIo + kLimits + "{ a = Relu(x) b = Clip(a, l, h) y = Add(a, b) }"),
              ElementsAre("Relu 'a' limits its input already, but others read that, too"));
}

TEST(ClipReluCanonical, MinAndMaxWithConstants) {
  expect_becomes(kPass, kIo + kLimits + "{ y = Max(x, z) }", {"Relu"});
  expect_becomes(kPass, kIo + kLimits + "{ y = Max(z, x) }", {"Relu"});
  expect_becomes(kPass, kIo + kLimits + "{ y = Min(six, x) }", {"Clip"});
  expect_becomes(kPass, kIo + kLimits + "{ a = Max(x, l) y = Min(a, h) }", {"Clip"});
  expect_becomes(kPass, kIo + kLimits + "{ a = Min(x, h) y = Max(l, a) }", {"Clip"});
  expect_becomes(kPass, kIo + kLimits + "{ a = Min(x, h) y = Max(l, a) }", {"Clip"}, 8);
  EXPECT_THAT(expect_unchanged(kPass, kIo + "{ y = Max(x, x) }"), IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass, kIo + "<float[3] v = {1, 2, 3}> { y = Max(x, v) }"), IsEmpty());
  // The constant has a dimension that the value has not.
  EXPECT_THAT(expect_unchanged(kPass, "(float[3] x) => (float[1,3] y) <float[1,1] v = {1}> { y = Max(x, v) }"),
              IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass, "(float[3] x) => (float[3] y) <float[3] v = {1, 1, 1}> { y = Max(x, v) }", 7),
              IsEmpty());
}

TEST(ClipReluCanonical, HardSigmoidTimesItsInputIsHardSwish) {
  const std::string parts = "{ s = HardSigmoid<alpha=0.16666667>(x) y = Mul(x, s) }";
  expect_becomes(kPass, kIo + parts, {"HardSwish"}, 14);
  expect_becomes(kPass, kIo + "{ s = HardSigmoid<alpha=0.16666667>(x) y = Mul(s, x) }", {"HardSwish"});
  EXPECT_THAT(expect_unchanged(kPass, kIo + parts, 13),
              ElementsAre("HardSwish is an operator from opset 14 on, and the model has 13"));
  EXPECT_THAT(expect_unchanged(kPass, kIo + "{ s = HardSigmoid(x) y = Mul(x, s) }"), IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass, kIo + "{ s = HardSigmoid<alpha=0.16666667>(x) m = Mul(x, s) y = Add(m, s) }"),
              ElementsAre("others read what its HardSigmoid makes, too"));
}

TEST(ClipReluCanonical, WhatSubgraphsReadStays) {
  EXPECT_THAT(expect_unchanged(kPass,
                               "(float[2] x, bool t) => (float[2] y) { a = Relu(x) b = Relu(a) y = If(t) "
                               "<then_branch = p () => (float[2] u) { u = Neg(a) }, "
                               "else_branch = q () => (float[2] v) { v = Neg(b) }> }"),
              ElementsAre("Relu 'a' limits its input already, but others read that, too"));
}

}  // namespace
}  // namespace trtprof
