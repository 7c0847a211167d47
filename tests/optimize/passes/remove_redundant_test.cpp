#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPass = "remove-redundant";

TEST(RemoveRedundant, Identity) {
  const auto run = expect_becomes(kPass, "(float[3] x) => (float[3] y) { a = Identity(x) y = Relu(a) }", {"Relu"});
  EXPECT_EQ(run.report.applications[0].what, "Identity 'a' goes: Identity does nothing");
  // The output keeps its name, and others that read what is before it go on reading it.
  const auto named = expect_becomes(
      kPass, "(float[3] x) => (float[3] y, float[3] z) { a = Relu(x) y = Identity(a) z = Neg(a) }", {"Relu", "Neg"});
  EXPECT_EQ(named.after.proto().graph().node(0).output(0), "y");
  EXPECT_EQ(named.after.proto().graph().node(1).input(0), "y");
}

TEST(RemoveRedundant, NamesOfTheInterfaceStay) {
  EXPECT_THAT(
      expect_unchanged(kPass, "(float[3] x) => (float[3] y) { y = Identity(x) }"),
      ElementsAre("Identity does nothing, but 'x' cannot be called 'y', an output of the graph: it is an input or "
                  "a constant"));
  EXPECT_THAT(
      expect_unchanged(kPass, "(float[3] x) => (float[3] a, float[3] y) { a = Relu(x) y = Identity(a) }"),
      ElementsAre("Identity does nothing, but 'a' cannot be called 'y', an output of the graph: it is an output "
                  "itself"));
}

TEST(RemoveRedundant, DropoutInInference) {
  expect_becomes(kPass, "(float[3] x) => (float[3] y) { a = Relu(x) y = Dropout(a) }", {"Relu"});
  expect_becomes(kPass, "(float[3] x) => (float[3] y) { r = Abs(x) a, m = Dropout<ratio=0.5>(r) y = Relu(a) }",
                 {"Abs", "Relu"}, 7);
  expect_becomes(kPass, "(float[3] x) => (float[3] y) { r = Abs(x) a = Dropout<is_test=1>(r) y = Relu(a) }",
                 {"Abs", "Relu"}, 6);
  expect_becomes(
      kPass,
      "(float[3] x) => (float[3] y) <float r = {0.5}, bool t = {0}> { p = Abs(x) a = Dropout(p, r, t) y = Relu(a) }",
      {"Abs", "Relu"});
  EXPECT_THAT(expect_unchanged(kPass, "(float[3] x) => (float[3] y) { a = Dropout(x) y = Relu(a) }", 6),
              ElementsAre("it is in training mode: is_test is 0"));
  EXPECT_THAT(
      expect_unchanged(
          kPass, "(float[3] x) => (float[3] y) <float r = {0.5}, bool t = {1}> { a = Dropout(x, r, t) y = Relu(a) }"),
      ElementsAre("it is in training mode"));
  EXPECT_THAT(expect_unchanged(
                  kPass, "(float[3] x, bool t) => (float[3] y) <float r = {0.5}> { a = Dropout(x, r, t) y = Relu(a) }"),
              ElementsAre("whether it is in training mode is computed"));
  EXPECT_THAT(expect_unchanged(kPass, "(float[3] x) => (float[3] y, bool[3] m) { a, m = Dropout(x) y = Relu(a) }"),
              ElementsAre("its mask is read"));
}

TEST(RemoveRedundant, CastsThatLoseNothing) {
  expect_becomes(kPass, "(float[3] x) => (float[3] y) { a = Cast<to=1>(x) y = Relu(a) }", {"Relu"});
  // f32 through f64 and back; f16 by way of f32 to i32.
  expect_becomes(kPass, "(float[3] x) => (float[3] y) { a = Cast<to=11>(x) b = Cast<to=1>(a) y = Relu(b) }", {"Relu"});
  expect_becomes(kPass, "(float16[3] x) => (int32[3] y) { a = Cast<to=1>(x) y = Cast<to=6>(a) }", {"Cast"});
  // f32 through f16 rounds, i32 through f32 too, and i64 through i32 cuts.
  expect_unchanged(kPass, "(float[3] x) => (float[3] y) { a = Cast<to=10>(x) b = Cast<to=1>(a) y = Relu(b) }");
  expect_unchanged(kPass, "(int32[3] x) => (int32[3] y) { a = Cast<to=1>(x) b = Cast<to=6>(a) y = Neg(b) }");
  expect_unchanged(kPass, "(int64[3] x) => (int64[3] y) { a = Cast<to=6>(x) b = Cast<to=7>(a) y = Neg(b) }");
  // i8 is whole in f16, u16 is not.
  expect_becomes(kPass, "(int8[3] x) => (int8[3] y) { a = Cast<to=10>(x) b = Cast<to=3>(a) y = Identity(b) }",
                 {"Identity"});
}

TEST(RemoveRedundant, TransposesThatCancelOrJoin) {
  expect_becomes(kPass,
                 "(float[2,3,4] x) => (float[2,3,4] y) { a = Transpose<perm=[1,2,0]>(x) b = Transpose<perm=[2,0,1]>(a) "
                 "y = Relu(b) }",
                 {"Relu"});
  expect_becomes(kPass, "(float[2,3] x) => (float[2,3] y) { a = Transpose(x) b = Transpose(a) y = Relu(b) }", {"Relu"});
  expect_becomes(
      kPass, "(float[2,3,4] x) => (float[2,4,3] y) { a = Transpose<perm=[1,0,2]>(x) y = Transpose<perm=[1,2,0]>(a) }",
      {"Transpose"});
  expect_becomes(kPass, "(float[2,3] x) => (float[2,3] y) { a = Transpose<perm=[0,1]>(x) y = Relu(a) }", {"Relu"});
  // Another reader of what is between keeps the first; the second goes all the same.
  expect_becomes(kPass,
                 "(float[2,3] x) => (float[2,3] y, float[3,2] z) { a = Transpose(x) b = Transpose(a) y = Relu(b) "
                 "z = Neg(a) }",
                 {"Transpose", "Relu", "Neg"});
  EXPECT_THAT(expect_unchanged(kPass, "(float[2,3] x) => (float[3,2] y) { y = Transpose(x) }"), IsEmpty());
}

TEST(RemoveRedundant, RenamingsOfTheShape) {
  expect_becomes(
      kPass,
      "(float[2,3] x) => (float[2,3] y) <int64[1] i = {1}> { a = Unsqueeze(x, i) b = Squeeze(a, i) y = Relu(b) }",
      {"Relu"});
  expect_becomes(kPass,
                 "(float[2,3] x) => (float[2,3] y) { a = Unsqueeze<axes=[1]>(x) b = Squeeze<axes=[1]>(a) y = Relu(b) }",
                 {"Relu"}, 11);
  expect_becomes(kPass, "(float[n,3] x) => (float[n,3] y) <int64[2] s = {-1, 3}> { a = Reshape(x, s) y = Relu(a) }",
                 {"Relu"});
  expect_becomes(kPass, "(float[n,3] x) => (float[n,3] y) { a = Flatten(x) y = Relu(a) }", {"Relu"});
  expect_becomes(kPass,
                 "(float[2,3,4] x) => (float[4,6] y) <int64[1] s = {-1}, int64[2] t = {4, -1}> { a = Reshape(x, s) "
                 "y = Reshape(a, t) }",
                 {"Reshape"});
  // A 0 copies a dimension of what is between.
  expect_unchanged(kPass,
                   "(float[2,3,4] x) => (float[4,3,2] y) <int64[2] s = {4, 6}, int64[3] t = {0, -1, 2}> "
                   "{ a = Reshape(x, s) y = Reshape(a, t) }");
  expect_unchanged(kPass, "(float[n,m] x) => (float[p,q] y) <int64[2] s = {-1, 2}> { y = Reshape(x, s) }");
}

TEST(RemoveRedundant, NodesWithoutEffect) {
  const std::string io = "(float[2,3] x) => (float[2,3] y) ";
  expect_becomes(kPass, io + "{ a = Concat<axis=0>(x) y = Relu(a) }", {"Relu"});
  expect_becomes(kPass, io + "{ a = Sum(x) b = Max(a) c = Min(b) d = Mean(c) y = Relu(d) }", {"Relu"});
  expect_becomes(kPass, io + "<int64[4] p = {0,0,0,0}> { a = Pad(x, p) y = Relu(a) }", {"Relu"});
  expect_becomes(kPass, io + "{ a = Pad<pads=[0,0,0,0]>(x) y = Relu(a) }", {"Relu"}, 10);
  expect_becomes(kPass, io + "<int64[2] r = {1,1}> { a = Tile(x, r) y = Relu(a) }", {"Relu"});
  expect_becomes(kPass, io + "<int64[2] s = {2,3}> { a = Expand(x, s) y = Relu(a) }", {"Relu"});
  expect_becomes(kPass, io + "{ a = Split<axis=0, num_outputs=1>(x) y = Relu(a) }", {"Relu"}, 18);
  expect_becomes(kPass,
                 io + "<int64[1] s = {0}, int64[1] e = {9}, int64[1] i = {1}> { a = Slice(x, s, e, i) y = Relu(a) }",
                 {"Relu"});
  expect_becomes(kPass, io + "{ a = Slice<starts=[0], ends=[9223372036854775807], axes=[1]>(x) y = Relu(a) }", {"Relu"},
                 9);
  // Of an open dimension, too.
  expect_becomes(kPass,
                 "(float[n,3] x) => (float[m,3] y) <int64[1] s = {0}, int64[1] e = {9223372036854775807}> "
                 "{ a = Slice(x, s, e, s) y = Relu(a) }",
                 {"Relu"});
}

TEST(RemoveRedundant, NodesWithAnEffectStay) {
  const std::string io = "(float[2,3] x) => (float[a,b] y) ";
  for (const char* body :
       {"<int64[4] p = {0,1,0,0}> { y = Pad(x, p) }", "<int64[2] r = {1,2}> { y = Tile(x, r) }",
        "<int64[3] s = {4,2,3}> { c = Expand(x, s) y = Flatten<axis=2>(c) }",
        "<int64[1] s = {-1}, int64[1] e = {-9}, int64[1] i = {1}, int64[1] t = {-1}> { y = Slice(x, s, e, i, t) }",
        "<int64[1] s = {1}, int64[1] e = {9}, int64[1] i = {1}> { y = Slice(x, s, e, i) }",
        "{ y = Concat<axis=0>(x, x) }", "{ y = Max(x, x) }"}) {
    EXPECT_THAT(expect_unchanged(kPass, io + body), IsEmpty());
  }
}

TEST(RemoveRedundant, ArithmeticWithItsNeutralElement) {
  const std::string io = "(float[2,3] x) => (float[2,3] y) ";
  const std::string one = "<float o = {1}, float[1,3] z = {0,0,0}> ";
  for (const char* body :
       {"{ a = Mul(x, o) y = Relu(a) }", "{ a = Mul(o, x) y = Relu(a) }", "{ a = Div(x, o) y = Relu(a) }",
        "{ a = Pow(x, o) y = Relu(a) }", "{ a = Add(x, z) y = Relu(a) }", "{ a = Sub(x, z) y = Relu(a) }",
        "{ a = Add(z, x) y = Relu(a) }"}) {
    expect_becomes(kPass, io + one + body, {"Relu"});
  }
  for (const char* body : {"{ a = Div(o, x) y = Relu(a) }", "{ a = Sub(z, x) y = Relu(a) }",
                           "{ a = Add(x, o) y = Relu(a) }", "{ a = Mul(x, z) y = Relu(a) }"}) {
    expect_unchanged(kPass, io + one + body);
  }
  // It broadcasts, which is an effect.
  expect_unchanged(kPass, "(float[1,3] x) => (float[2,3] y) <float[2,1] o = {1,1}> { y = Mul(x, o) }");
  expect_unchanged(kPass, "(float[n,3] x) => (float[m,3] y) <float[2,1] o = {1,1}> { y = Mul(x, o) }");
}

TEST(RemoveRedundant, WhatSubgraphsCapture) {
  const auto run = expect_becomes(kPass,
                                  "(float[2] x, bool t) => (float[2] y) { r = Abs(x) a = Identity(r) "
                                  "y = If(t) <then_branch = p () => (float[2] u) { u = Relu(a) }, "
                                  "else_branch = q () => (float[2] v) { v = Identity(a) }> }",
                                  {"Abs", "If"});
  const auto& branch = run.after.proto().graph().node(1);
  EXPECT_EQ(branch.attribute(0).g().node(0).input(0), "r");
  EXPECT_EQ(branch.attribute(1).g().node(0).op_type(), "Identity") << "bodies stay as they are";
}

TEST(RemoveRedundant, OperatorsOfOtherDomainsAreNotThese) {
  OnnxModel model = test::parsed_model("(float[3] x) => (float[3] y) { a = Identity(x) y = Relu(a) }");
  model.mutable_proto().mutable_graph()->mutable_node(0)->set_domain("com.acme");
  model.mutable_proto().add_opset_import()->set_domain("com.acme");
  EXPECT_THAT(test::apply_pass(kPass, std::move(model)).report.applications, IsEmpty());
}

}  // namespace
}  // namespace trtprof
