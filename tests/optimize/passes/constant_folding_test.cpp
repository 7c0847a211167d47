#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kPass = "constant-folding";

TEST(ConstantFolding, ChainsOfConstants) {
  const auto run =
      expect_becomes(kPass,
                     "(float[2, 2] x) => (float[2, 2] y) <float[2, 2] w = {1, 2, 3, 4}, float[2] b = {0.5, 1}> "
                     "{ t = Transpose(w) a = Add(t, b) e = Exp(a) y = MatMul(x, e) }",
                     {"MatMul"});
  EXPECT_EQ(run.after.proto().graph().initializer_size(), 1);
  EXPECT_EQ(run.report.applications.size(), 3U);
  EXPECT_EQ(run.report.applications[0].what, "Transpose 't' is a constant of 16 B");
}

TEST(ConstantFolding, ConstantNodesAndSeveralOutputs) {
  expect_becomes(kPass,
                 "(float[2] x) => (float[2] y) { w = Constant<value = float[4] {1, 2, 3, 4}>() "
                 "a, b = Split<axis=0, num_outputs=2>(w) c = Add(x, a) y = Mul(c, b) }",
                 {"Add", "Mul"}, 18);
}

TEST(ConstantFolding, WithoutABackendItStays) {
  const auto run = test::apply_pass(
      kPass, test::parsed_model("(float[2] x) => (float[2] y) <float[2] w = {1, 2}> { a = Neg(w) y = Add(x, a) }"), {},
      {},
      /*with_backend=*/false);
  EXPECT_THAT(run.report.applications, IsEmpty());
  EXPECT_THAT(run.reasons(), ElementsAre("there is no backend to compute it"));
}

TEST(ConstantFolding, DimensionsThatAreKnown) {
  expect_becomes(kPass,
                 "(float[2, 3, 4] x) => (float[6, 4] y) <int64[2] z = {6, 4}> { s = Shape(x) g = Shape(s) "
                 "y = Reshape(x, z) u = Identity(g) }",
                 {"Reshape", "Identity"});
  // One dimension of several is enough.
  const auto run = expect_becomes(
      kPass,
      "(float[n, 3, 4] x) => (float[n, 12] y) <int64 i = {1}, int64 j = {-1}, int64[1] z = {0}, int64[1] m = {-1}> "
      "{ s = Shape(x) a = Gather(s, i) t = Shape(x) b = Gather(t, j) p = Mul(a, b) q = Unsqueeze(p, z) "
      "r = Concat<axis=0>(m, q) y = Reshape(x, r) }",
      {"Reshape"});
  EXPECT_THAT(run.report.applications.back().what, HasSubstr("is a constant of 16 B"));
  expect_becomes(
      kPass,
      "(float[n, 3, 4] x) => (float[n, 12] y) <int64[1] b = {1}, int64[1] e = {9}, int64[1] z = {0}, int64[1] m = "
      "{-1}> { s = Shape(x) a = Slice(s, b, e) p = ReduceProd<keepdims=1>(a) "
      "r = Concat<axis=0>(m, p) y = Reshape(x, r) }",
      {"Reshape"});
  expect_becomes(kPass, "(float[n, 3, 4] x) => (int64[1] y) { s = Shape<start=1, end=2>(x) y = Neg(s) }", {"Neg"}, 17);
  EXPECT_THAT(expect_unchanged(kPass, "(float[n, 3] x) => (int64[2] y) { s = Shape(x) y = Neg(s) }"), IsEmpty());
  EXPECT_THAT(expect_unchanged(
                  kPass, "(float[n, 3] x) => (int64 y) <int64 i = {0}> { s = Shape(x) g = Gather(s, i) y = Neg(g) }"),
              IsEmpty());
  expect_becomes(kPass, "(float[2, 3] x) => (int64 y) { s = Size(x) y = Neg(s) }", {"Neg"});
}

TEST(ConstantFolding, IntegersOnlyWhereTheyStayExact) {
  const auto folds = [](const std::string& constants, const std::string& node) {
    const auto run = test::apply_pass(kPass, test::parsed_model("(int64[2] x) => (int64[2] y) <" + constants +
                                                                "> { a = " + node + " y = Add(x, a) }"));
    return run.reasons().empty() ? "folded" : run.reasons()[0];
  };
  const std::string small = "int64[2] u = {7, -2}, int64[2] v = {3, 5}";
  EXPECT_EQ(folds(small, "Add(u, v)"), "folded");
  EXPECT_EQ(folds(small, "Mul(u, v)"), "folded");
  EXPECT_EQ(folds("int64[2] u = {7, 2}, int64[2] v = {3, 5}", "Div(u, v)"), "folded");
  EXPECT_EQ(folds(small, "Div(u, v)"), "how engines round negative quotients of integers differs");
  EXPECT_EQ(folds("int64[2] u = {7, 2}, int64[2] v = {3, 0}", "Div(u, v)"), "it divides an integer by 0");
  EXPECT_EQ(folds("int64[2] u = {70000, 2}, int64[2] v = {70000, 5}", "Mul(u, v)"),
            "its integers may leave 32 bits on the way");
  EXPECT_EQ(folds("int64[2] u = {5000000000, 2}, int64[2] v = {3, 5}", "Add(u, v)"),
            "an integer of its inputs does not fit 32 bits");
  EXPECT_EQ(folds("int64[2] u = {7, 2}, int64[2] v = {3, 5}", "Pow(u, v)"),
            "integers of Pow are not computed exactly for sure");
  EXPECT_EQ(folds("float[2] u = {3e9, 2}, int64[2] v = {3, 5}", "Cast<to=7>(u)"),
            "what it makes an integer does not fit 32 bits");
  EXPECT_EQ(folds("float[2] u = {3e8, -2.75}, int64[2] v = {3, 5}", "Cast<to=7>(u)"), "folded");
  EXPECT_EQ(folds("uint64[2] u = {3, 2}, int64[2] v = {3, 5}", "Cast<to=7>(u)"), "an input is u64");
}

// 2^53 + 1 needs all of f64, and 2^40 all of i64: neither goes through the backend.
TEST(ConstantFolding, WideTypesAreLeft) {
  EXPECT_THAT(
      expect_unchanged(kPass, "(double[2] x) => (double[2] y) <double[2] w = {1, 2}> { a = Neg(w) y = Add(x, a) }"),
      ElementsAre("its result is f64"));
  EXPECT_THAT(expect_unchanged(
                  kPass, "(int64[1] x) => (int64[1] y) <int64[1] w = {1099511627776}> { a = Neg(w) y = Add(x, a) }"),
              ElementsAre("an integer of its inputs does not fit 32 bits"));
}

// The rounding of f16 is the model's, though the engine computes in f32.
TEST(ConstantFolding, HalfPrecisionIsRoundedWhereTheModelDoes) {
  const auto run = expect_becomes(kPass,
                                  "(float[2] x) => (float[2] y) <float[2] w = {0.1, 2049}> { h = Cast<to=10>(w) "
                                  "f = Cast<to=1>(h) y = Add(x, f) }",
                                  {"Add"}, 17, 1e-3);
  const auto& value = run.after.proto().graph().initializer(0);
  float numbers[2] = {0, 0};
  ASSERT_EQ(value.raw_data().size(), sizeof numbers);
  std::memcpy(numbers, value.raw_data().data(), sizeof numbers);
  EXPECT_EQ(numbers[0], 0.0999755859375F);
  EXPECT_EQ(numbers[1], 2048.0F);
}

TEST(ConstantFolding, ASliceToTheEndSaturates) {
  expect_becomes(
      kPass,
      "(float[2] x) => (float[2] y) <float[3] w = {1, 2, 3}, int64[1] b = {1}, int64[1] e = {9223372036854775807}> "
      "{ a = Slice(w, b, e) y = Add(x, a) }",
      {"Add"});
}

TEST(ConstantFolding, WhatIsNotToBeFolded) {
  EXPECT_THAT(expect_unchanged(kPass,
                               "(float[2] x) => (float[2] y) <int8[2] w = {1, 2}, float s = {0.5}> "
                               "{ a = DequantizeLinear(w, s) y = Add(x, a) }"),
              ElementsAre("engines want to see how weights are quantised"));
  EXPECT_THAT(
      expect_unchanged(kPass,
                       "(float[2] x) => (float[2] y) <float[2] w = {1, 2}> { a = RandomNormalLike(w) y = Add(x, a) }"),
      ElementsAre("it gives something else each time"));
  EXPECT_THAT(expect_unchanged(
                  kPass, "(float[2] x) => (float[2] y, float[2] a) <float[2] w = {1, 2}> { a = Neg(w) y = Neg(x) }"),
              ElementsAre("'a' is an output of the graph"));
}

TEST(ConstantFolding, ResultsAreBounded) {
  const std::string graph =
      "(float[1000, 1000] x) => (float[1000, 1000] y) <float[1, 1] w = {1}, int64[2] s = {1000, 1000}> "
      "{ a = Expand(w, s) y = Add(x, a) }";
  EXPECT_THAT(expect_unchanged(kPass, graph),
              ElementsAre("its result of 4.00 MB is larger than what it replaces by more than 1.05 MB"));
  const auto run = test::apply_pass(kPass, test::parsed_model(graph), {}, {.folding_growth = 8U << 20U});
  EXPECT_THAT(run.ops(), ElementsAre("Add"));
}

// OpenVINO takes an initializer without elements for a scalar.
TEST(ConstantFolding, EmptyResultsAndOutputsStay) {
  EXPECT_THAT(expect_unchanged(kPass,
                               "(float[2, 3] x) => (float[2, 3] y) <int64[2] s = {2, 0}> { e = ConstantOfShape(s) "
                               "y = Concat<axis=1>(e, x) }"),
              ElementsAre("its result has no elements, and engines do not read such constants"));
  EXPECT_THAT(expect_unchanged(kPass, "(float[2, 3] x) => (int64[2] y) { y = Shape(x) }"),
              ElementsAre("'y' is an output of the graph"));
  EXPECT_THAT(expect_unchanged(kPass, "(float[2, 3] x) => (int64 y) { y = Size(x) }"),
              ElementsAre("'y' is an output of the graph"));
}

TEST(ConstantFolding, AReasonIsToldOfTheRightNode) {
  OnnxModel model = test::parsed_model(
      "(float[2] x) => (float[2] y) <float[2] w = {1, 2}, float[1, 1] u = {2}> { a = Neg(w) b = Det(u) c = Add(x, a) "
      "y = Add(c, b) }");
  const auto run = test::apply_pass(kPass, std::move(model));
  EXPECT_THAT(run.ops(), ElementsAre("Det", "Add", "Add"));
  ASSERT_EQ(run.report.near_misses.size(), 1U);
  EXPECT_EQ(run.report.near_misses[0].node, "b");
  EXPECT_THAT(run.reasons()[0], HasSubstr("openvino does not compute it: "));
}

TEST(ConstantFolding, WhatSubgraphsCaptureIsAConstantForThem) {
  const auto run = expect_becomes(kPass,
                                  "(float[2] x, bool t) => (float[2] y) <float[2] w = {1, 2}> { a = Neg(w) y = If(t) "
                                  "<then_branch = p () => (float[2] u) { u = Add(x, a) }, "
                                  "else_branch = q () => (float[2] v) { v = Mul(x, a) }> }",
                                  {"If"});
  EXPECT_EQ(run.after.proto().graph().initializer_size(), 1);
}

TEST(ConstantFolding, StopsAtTheLimitOfRewrites) {
  const OnnxModel model = test::parsed_model(
      "(float[2] x) => (float[2] y) <float[2] w = {1, 2}> { a = Neg(w) b = Exp(w) c = Add(a, b) y = Add(x, c) }");
  EXPECT_THAT(test::apply_pass(kPass, model.clone(), 1).ops(), ElementsAre("Exp", "Add", "Add"));
  EXPECT_THAT(test::apply_pass(kPass, model.clone(), 3).ops(), ElementsAre("Add"));
}

}  // namespace
}  // namespace trtprof
