#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPass = "transpose-sinking";
const std::string kIo = "(float[2, 3, 4, 5] x) => (float[2, 3, 4, 5] y) ";
const std::string kTo = "Transpose<perm=[0, 2, 3, 1]>";
const std::string kBack = "Transpose<perm=[0, 3, 1, 2]>";

TEST(TransposeSinking, AroundElementwiseNodes) {
  const auto run =
      expect_becomes(kPass, kIo + "{ a = " + kTo + "(x) b = Relu(a) c = Sigmoid(b) d = " + kBack + "(c) y = Neg(d) }",
                     {"Relu", "Sigmoid", "Neg"});
  EXPECT_EQ(run.report.applications[0].what,
            "Transpose 'a' and Transpose 'd' undo each other around Relu 'b' and 1 more");
  // The result is an output of the graph.
  expect_becomes(kPass, kIo + "{ a = " + kTo + "(x) b = Relu(a) y = " + kBack + "(b) }", {"Relu"});
}

TEST(TransposeSinking, ConstantsAreLaidOutAnew) {
  const std::string constants =
      "<float s = {2}, float[3] c = {1, 2, 3}, float[4, 1, 1] r = {1, 2, 3, 4}, "
      "float[1, 1, 5, 3] f = {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}> ";
  for (const char* op :
       {"Add(a, s)", "Mul(a, c)", "Mul(c, a)", "Sub(a, r)", "Add(a, f)", "Clip(a, s)", "PRelu(a, c)"}) {
    const auto run =
        expect_becomes(kPass, kIo + constants + "{ a = " + kTo + "(x) b = " + op + " d = " + kBack + "(b) y = Neg(d) }",
                       {std::string(op).substr(0, std::string(op).find('(')), "Neg"});
  }
  const auto shared = expect_becomes(kPass,
                                     kIo + constants + "{ a = " + kTo + "(x) b = Mul(a, c) d = " + kBack +
                                         "(b) e = Softmax<axis=1>(d) y = Add(d, e) }",
                                     {"Mul", "Softmax", "Add"});
}

TEST(TransposeSinking, OfSeveralInputs) {
  expect_becomes(kPass,
                 "(float[2, 3, 4, 5] x, float[2, 3, 4, 5] z) => (float[2, 3, 4, 5] y) { a = " + kTo + "(x) b = " + kTo +
                     "(z) c = Add(a, b) d = Mul(c, a) e = " + kBack + "(d) y = Neg(e) }",
                 {"Add", "Mul", "Neg"});
}

// Another reader gets a Transpose of its own: two go, one comes.
TEST(TransposeSinking, OtherReadersKeepTheirLayout) {
  expect_becomes(kPass,
                 "(float[2, 3, 4, 5] x) => (float[2, 3, 4, 5] y, float[2, 4, 5, 1] z) { a = " + kTo +
                     "(x) b = Relu(a) d = " + kBack + "(b) y = Neg(d) z = ReduceMax<axes=[3]>(b) }",
                 {"Relu", "Transpose", "Neg", "ReduceMax"});
  // The first stays for its other reader, and the second goes.
  expect_becomes(kPass,
                 "(float[2, 3, 4, 5] x) => (float[2, 3, 4, 5] y, float[2, 4, 5, 1] z) { a = " + kTo +
                     "(x) b = Relu(a) d = " + kBack + "(b) y = Neg(d) z = ReduceMax<axes=[3]>(a) }",
                 {"Transpose", "Relu", "Neg", "ReduceMax"});
}

TEST(TransposeSinking, SaysWhyNot) {
  const auto reason = [](const std::string& graph) {
    const auto reasons = expect_unchanged(kPass, graph);
    return reasons.empty() ? "" : reasons[0];
  };
  EXPECT_EQ(reason("(float[2, 3] x) => (float[3, 2] y) { a = Transpose(x) y = Relu(a) }"),
            "no Transpose behind the elementwise nodes that read it undoes it");
  EXPECT_EQ(reason("(float[2, 3, 4] x) => (float[a, b, c] y) { a = Transpose<perm=[1, 2, 0]>(x) b = Relu(a) "
                   "y = Transpose<perm=[1, 2, 0]>(b) }"),
            "no Transpose behind the elementwise nodes that read it undoes it");
  EXPECT_EQ(reason("(float[2, 3] x) => (float[2, 3] y, float[3, 2] b) { a = Transpose(x) b = Relu(a) c = Transpose(b) "
                   "y = Neg(c) }"),
            "'b' is an output of the graph");
  // The first is read elsewhere and would stay; a Transpose would come for the one that goes.
  EXPECT_EQ(reason("(float[2, 3] x) => (float[2, 3] y, float[3, 1] z, float[3, 1] v) { a = Transpose(x) b = Relu(a) "
                   "c = Transpose(b) y = Neg(c) z = ReduceMax<axes=[1]>(a) v = ReduceMax<axes=[1]>(b) }"),
            "it would take 1 Transposes to save 1");
  EXPECT_EQ(
      reason(
          "(float[2, 3] x, bool t) => (float[2, 3] y, float[3, 2] v) { a = Transpose(x) b = Relu(a) c = Transpose(b) "
          "y = Neg(c) v = If(t) <then_branch = p () => (float[3, 2] u) { u = Neg(b) }, "
          "else_branch = q () => (float[3, 2] w) { w = Abs(b) }> }"),
      "a body of If 'v' reads 'b'");
  EXPECT_THAT(
      expect_unchanged(kPass, "(float[2, 3] x) => (float[3, 1] y) { a = Transpose(x) y = ReduceMax<axes=[1]>(a) }"),
      IsEmpty());
}

// A rank that grows by broadcasting is no longer the Transpose's.
TEST(TransposeSinking, BroadcastingToMoreDimensionsStays) {
  expect_unchanged(
      kPass,
      "(float[2, 3] x) => (float[1, 2, 3] y) <float[1, 3, 2] c = {1,2,3,4,5,6}> { a = Transpose(x) b = Add(a, c) "
      "y = Transpose<perm=[0, 2, 1]>(b) }");
}

TEST(TransposeSinking, StoredTypesDoNotStayBehind) {
  OnnxModel model = test::parsed_model(kIo + "{ a = " + kTo + "(x) b = Relu(a) d = " + kBack + "(b) y = Neg(d) }");
  auto& stored = *model.mutable_proto().mutable_graph()->add_value_info();
  stored = model.proto().graph().input(0);
  stored.set_name("b");
  const auto run = test::apply_pass(kPass, std::move(model));
  EXPECT_THAT(run.after.proto().graph().value_info(), IsEmpty());
}

}  // namespace
}  // namespace trtprof
