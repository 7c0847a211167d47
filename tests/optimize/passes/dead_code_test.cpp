#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;

constexpr const char* kPass = "dead-code";

TEST(DeadCode, ChainsGoWithTheirConstants) {
  const auto run = expect_becomes(
      kPass, "(float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { a = Mul(x, w) b = Relu(a) y = Neg(x) }", {"Neg"});
  EXPECT_EQ(run.after.proto().graph().initializer_size(), 0);
  ASSERT_EQ(run.report.applications.size(), 1U) << "what only a dead node read goes with it";
  EXPECT_EQ(run.report.applications[0].what, "nothing reads what Relu 'b' makes");
}

TEST(DeadCode, ConstantsThatNothingReads) {
  const auto run =
      expect_becomes(kPass, "(float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { y = Neg(x) }", {"Neg"});
  EXPECT_EQ(run.after.proto().graph().initializer_size(), 0);
  EXPECT_EQ(run.report.applications[0].what, "nothing reads constant 'w'");
}

TEST(DeadCode, AnOutputOfSeveralKeepsTheNode) {
  expect_unchanged(kPass, "(float[4] x) => (float[2] b) { a, b = Split<axis=0, num_outputs=2>(x) }", 18);
  expect_unchanged(kPass, "(float[4] x) => (float[4] a, float[4] y) { a = Relu(x) y = Neg(x) }");
}

TEST(DeadCode, WhatSubgraphsCaptureIsAlive) {
  expect_unchanged(kPass,
                   "(float[2] x, bool t) => (float[2] y) <float[2] w = {1, 2}> { a = Mul(x, w) "
                   "y = If(t) <then_branch = p () => (float[2] u) { u = Relu(a) }, "
                   "else_branch = q () => (float[2] v) { v = Add(x, w) }> }");
  // A branch itself can be dead.
  expect_becomes(kPass,
                 "(float[2] x, bool t) => (float[2] y) <float[2] w = {1, 2}> { a = Mul(x, w) y = Neg(x) "
                 "z = If(t) <then_branch = p () => (float[2] u) { u = Relu(a) }, "
                 "else_branch = q () => (float[2] v) { v = Add(x, w) }> }",
                 {"Neg"});
}

TEST(DeadCode, StopsAtTheLimitOfRewrites) {
  const OnnxModel model = test::parsed_model("(float[3] x) => (float[3] y) { a = Relu(x) b = Abs(x) y = Neg(x) }");
  EXPECT_THAT(test::apply_pass(kPass, model.clone(), 1).ops(), ElementsAre("Relu", "Neg"));
}

}  // namespace
}  // namespace trtprof
