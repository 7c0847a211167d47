#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPass = "common-subexpressions";

TEST(CommonSubexpressions, TheSameTwice) {
  const auto run = expect_becomes(
      kPass, "(float[3] x) => (float[3] y) { a = Relu(x) b = Relu(x) c = Neg(a) d = Neg(b) y = Add(c, d) }",
      {"Relu", "Neg", "Add"});
  EXPECT_EQ(run.report.applications[0].what, "Relu 'b' computes what Relu 'a' does");
  EXPECT_THAT(run.report.applications[0].nodes, ElementsAre("b", "a"));
}

TEST(CommonSubexpressions, AttributesTell) {
  expect_becomes(
      kPass, "(float[3] x) => (float[3] y) { a = LeakyRelu<alpha=0.5>(x) b = LeakyRelu<alpha=0.5>(x) y = Add(a, b) }",
      {"LeakyRelu", "Add"});
  EXPECT_THAT(expect_unchanged(
                  kPass, "(float[3] x) => (float[3] y) { a = LeakyRelu<alpha=0.5>(x) b = LeakyRelu(x) y = Add(a, b) }"),
              IsEmpty());
  // In another order they are the same.
  expect_becomes(kPass,
                 "(float[2,3] x) => (float[3] y) { a = ReduceMax<axes=[0], keepdims=0>(x) "
                 "b = ReduceMax<keepdims=0, axes=[0]>(x) y = Add(a, b) }",
                 {"ReduceMax", "Add"});
  expect_becomes(kPass,
                 "(float[3] x) => (float[3] y) { a = Constant<value = float[3] {1, 2, 3}>() "
                 "b = Constant<value = float[3] {1, 2, 3}>() c = Add(x, a) y = Mul(c, b) }",
                 {"Constant", "Add", "Mul"});
}

TEST(CommonSubexpressions, ConstantsOfTheSameContent) {
  expect_becomes(kPass,
                 "(float[3] x) => (float[3] y) <float[3] v = {1, 2, 3}, float[3] w = {1, 2, 3}> { a = Mul(x, v) "
                 "b = Mul(x, w) y = Add(a, b) }",
                 {"Mul", "Add"});
  expect_unchanged(kPass,
                   "(float[3] x) => (float[3] y) <float[3] v = {1, 2, 3}, float[1,3] w = {1, 2, 3}> { a = Mul(x, v) "
                   "c = Mul(x, w) s = Squeeze(c) y = Add(a, s) }");
}

TEST(CommonSubexpressions, TheOrderOfOperandsOfAddAndMulIsNothing) {
  const std::string io = "(float[3] x, float[3] z) => (float[3] y) ";
  expect_becomes(kPass, io + "{ a = Add(x, z) b = Add(z, x) y = Mul(a, b) }", {"Add", "Mul"});
  expect_unchanged(kPass, io + "{ a = Sub(x, z) b = Sub(z, x) y = Mul(a, b) }");
}

TEST(CommonSubexpressions, SeveralAndOptionalOutputs) {
  expect_becomes(kPass,
                 "(float[4] x) => (float[2] y) { a, b = Split<axis=0, num_outputs=2>(x) "
                 "c, d = Split<axis=0, num_outputs=2>(x) y = Add(a, d) }",
                 {"Split", "Add"}, 18);
  EXPECT_THAT(
      expect_unchanged(kPass,
                       "(float[4,4,4,4] x) => (float[4,4,2,2] y, int64[4,4,2,2] i) "
                       "{ a, j = MaxPool<kernel_shape=[3,3]>(x) b, i = MaxPool<kernel_shape=[3,3]>(x) y = Add(a, b) }"),
      ElementsAre("it computes what MaxPool 'a' does, but 'i' is an output of the graph"));
}

TEST(CommonSubexpressions, OutputsOfTheGraphKeepTheirNames) {
  EXPECT_THAT(expect_unchanged(kPass, "(float[3] x) => (float[3] y, float[3] z) { y = Relu(x) z = Relu(x) }"),
              ElementsAre("it computes what Relu 'y' does, but 'z' is an output of the graph"));
  expect_becomes(kPass, "(float[3] x) => (float[3] y, float[3] z) { y = Relu(x) a = Relu(x) z = Neg(a) }",
                 {"Relu", "Neg"});
}

TEST(CommonSubexpressions, RandomNumbersAreOthersEachTime) {
  EXPECT_THAT(
      expect_unchanged(
          kPass, "(float[3] x) => (float[3] y) { a = RandomNormalLike(x) b = RandomNormalLike(x) y = Add(a, b) }"),
      ElementsAre("it has the inputs of RandomNormalLike 'a', but gives something else each time"));
}

TEST(CommonSubexpressions, BodiesAreNotCompared) {
  const std::string branches =
      "<then_branch = p () => (float[2] u) { u = Relu(x) }, else_branch = q () => (float[2] v) { v = Neg(x) }> ";
  EXPECT_THAT(expect_unchanged(kPass, "(float[2] x, bool t) => (float[2] y) { a = If(t) " + branches + " b = If(t) " +
                                          branches + " y = Add(a, b) }"),
              IsEmpty());
  // What a body captures is read through the first.
  const auto run = expect_becomes(kPass,
                                  "(float[2] x, bool t) => (float[2] y) { a = Abs(x) b = Abs(x) y = If(t) "
                                  "<then_branch = p () => (float[2] u) { u = Relu(b) }, "
                                  "else_branch = q () => (float[2] v) { v = Neg(a) }> }",
                                  {"Abs", "If"});
  EXPECT_EQ(run.after.proto().graph().node(1).attribute(0).g().node(0).input(0), "a");
}

}  // namespace
}  // namespace trtprof
