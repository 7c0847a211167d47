#include "optimize/pass_fixture.h"

namespace trtprof {
namespace {

using test::expect_becomes;
using test::expect_unchanged;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPass = "mul-add-into-conv";
const std::string kIo = "(float[n, 2, 5, 5] x) => (float[n, 2, h, w] y) ";
const std::string kWeights =
    "float[2, 2, 3, 3] w = {1,2,3,4,5,6,7,8,9,9,8,7,6,5,4,3,2,1,1,0,1,0,1,0,1,0,1,2,0,2,0,2,0,2,0,2}";
const std::string kConstants =
    "<" + kWeights +
    ", float[2] b = {5, -5}, float s = {0.5}, float[2, 1, 1] c = {2, -4}, float[1, 2, 1, 1] d = {3, 0.25}> ";

TEST(MulAddIntoConv, IntoConv) {
  for (const char* op :
       {"Mul(v, s)", "Mul(v, c)", "Mul(d, v)", "Div(v, c)", "Add(v, s)", "Add(c, v)", "Add(v, d)", "Sub(v, d)"}) {
    const auto run =
        expect_becomes(kPass, kIo + kConstants + "{ v = Conv<pads=[1,1,1,1]>(x, w) y = " + op + " }", {"Conv"});
    EXPECT_EQ(run.after.proto().graph().node(0).output(0), "y");
    expect_becomes(kPass, kIo + kConstants + "{ v = Conv(x, w, b) t = " + op + " y = Relu(t) }", {"Conv", "Relu"});
  }
}

TEST(MulAddIntoConv, OneAfterTheOther) {
  const auto run = expect_becomes(
      kPass, kIo + kConstants + "{ v = Conv(x, w) e = Mul(v, c) f = Add(e, d) g = Div(f, s) y = Sub(g, c) }", {"Conv"});
  EXPECT_EQ(run.report.applications.size(), 4U);
  EXPECT_EQ(run.report.applications[0].what, "Mul 'e' is part of Conv 'v'");
  EXPECT_EQ(run.after.proto().graph().initializer_size(), 3) << "weights, bias, and one that nothing read before";
}

TEST(MulAddIntoConv, IntoConvTransposeOfGroups) {
  expect_becomes(
      kPass,
      "(float[n, 2, 5, 5] x) => (float[n, 4, h, w] y) <float[2, 2, 2, 2] w = {1,2,3,4,5,6,7,8,-1,2,-3,4,-5,6,-7,8}, "
      "float[4, 1, 1] c = {1, 2, 3, 4}> { v = ConvTranspose<group=2>(x, w) m = Mul(v, c) y = Add(m, c) }",
      {"ConvTranspose"});
}

TEST(MulAddIntoConv, IntoGemmAndMatMul) {
  const std::string io =
      "(float[n, 3] x) => (float[n, 2] y) <float[3, 2] w = {1,2,3,4,5,6}, float[2] c = {2, -3}, "
      "float[1, 2] d = {7, 8}, float[2, 1] e = {1, 2}> ";
  expect_becomes(kPass, io + "{ v = Gemm<alpha=0.5, beta=3.0>(x, w, c) m = Mul(v, c) y = Add(m, d) }", {"Gemm"});
  expect_becomes(kPass, io + "{ v = MatMul(x, w) y = Mul(v, c) }", {"MatMul"});
  EXPECT_THAT(expect_unchanged(kPass, io + "{ v = MatMul(x, w) y = Add(v, c) }"),
              ElementsAre("MatMul 'v' has no bias to take it"));
  // Along the rows.
  EXPECT_THAT(
      expect_unchanged(kPass,
                       "(float[2, 3] x) => (float[2, 2] y) <float[3, 2] w = {1,2,3,4,5,6}, float[2, 1] e = {1, 2}> "
                       "{ v = MatMul(x, w) y = Mul(v, e) }"),
      ElementsAre("its constant of 2x1 is not one number for each of the 2 channels"));
  // Of a batch of matrices.
  expect_becomes(kPass,
                 "(float[n, 4, 3] x) => (float[n, 4, 2] y) <float[3, 2] w = {1,2,3,4,5,6}, float[1, 1, 2] d = {7, 8}> "
                 "{ v = MatMul(x, w) y = Div(v, d) }",
                 {"MatMul"});
}

TEST(MulAddIntoConv, WeightsThatOthersReadStayForThem) {
  const auto run =
      expect_becomes(kPass, kIo + kConstants + "{ v = Conv(x, w) m = Mul(v, c) u = Conv(x, w) y = Add(m, u) }",
                     {"Conv", "Conv", "Add"});
  EXPECT_EQ(run.after.proto().graph().node(1).input(1), "w");
}

TEST(MulAddIntoConv, SaysWhyNot) {
  const auto reason = [](const std::string& nodes, const std::string& io = kIo) {
    const auto reasons = expect_unchanged(kPass, io + kConstants + "{ " + nodes + " }");
    return reasons.size() == 1 ? reasons[0] : std::to_string(reasons.size()) + " reasons";
  };
  EXPECT_EQ(reason("v = Conv(x, w) y = Sub(s, v)"), "its constant is on the left");
  EXPECT_EQ(reason("v = Conv(x, w) m = Mul(v, s) y = Add(m, v)"), "others read what Conv 'v' makes, too");
  EXPECT_EQ(reason("v = Conv(x, w) y = Mul(v, b)", "(float[n, 2, 5, 4] x) => (float[n, 2, h, w] y) "),
            "its constant of 2 is not one number for each of the 2 channels");
  EXPECT_EQ(
      reason("v = Conv(x, t) y = Mul(v, s)", "(float[n, 2, 5, 5] x, float[2, 2, 3, 3] t) => (float[n, 2, h, w] y) "),
      "the weights of Conv 'v' are not a constant");
  EXPECT_THAT(expect_unchanged(kPass, kIo + kConstants + "{ v = Relu(x) y = Mul(v, s) }"), IsEmpty());
  EXPECT_THAT(expect_unchanged(kPass, kIo + kConstants + "{ v = Conv(x, w) u = Conv(x, w) y = Add(v, u) }"), IsEmpty());
  EXPECT_THAT(expect_unchanged(
                  kPass,
                  "(float[2, 5, 5] x) => (float[a, b, c, d] y) <float[2, 2, 3, 3] w = {1,2,3,4,5,6,7,8,9,9,8,7,6,5,"
                  "4,3,2,1,1,0,1,0,1,0,1,0,1,2,0,2,0,2,0,2,0,2}, float[1, 1, 1, 1, 1] k = {2}, int64[1] z = {0}> "
                  "{ e = Unsqueeze(x, z) v = Conv(e, w) y = Mul(v, k) }"),
              ElementsAre("its constant has more dimensions"));
  EXPECT_THAT(expect_unchanged(kPass, kIo + "<" + kWeights + ", float z = {0}> { v = Conv(x, w) y = Div(v, z) }"),
              ElementsAre("weights of Conv 'v' would not be finite in f32"));
}

TEST(MulAddIntoConv, HalfPrecisionWeightsAreRefused) {
  EXPECT_THAT(
      expect_unchanged(kPass,
                       "(float16[n, 1, 5, 5] x) => (float16[n, 1, 5, 5] y) <float16[1, 1, 1, 1] w = {15360}, "
                       "float16 s = {16384}> { v = Conv(x, w) y = Mul(v, s) }"),
      ElementsAre(
          "the weights of Conv 'v' are f16, which a second rounding would cost accuracy: fold before converting"));
}

}  // namespace
}  // namespace trtprof
