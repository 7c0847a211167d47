#include "trtprof/optimize/precision/type_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"

namespace trtprof {
namespace {

using test::parsed;
using testing::ElementsAre;
using testing::HasSubstr;

std::string problem(const std::string& text) {
  const Status status = check_converted_types(parsed(text), {});
  return status ? "" : status.error().message;
}

TEST(TypeCheck, SeesTypesThatDiffer) {
  EXPECT_THAT(problem(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float16[3] x, float[3] z) => (float16[3] y) { y = Add(x, z) })"),
              HasSubstr("Add"));
}

TEST(TypeCheck, SeesAWrongDeclaration) {
  EXPECT_THAT(problem(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float16[3] x) => (float16[3] y) <float[3] a> { a = Relu(x)  y = Neg(a) })"),
              HasSubstr("types of the converted model do not hold together"));
}

TEST(TypeCheck, SeesATypeThatTheOperatorDoesNotTake) {
  EXPECT_THAT(problem(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (bfloat16[1, 1, 4, 4] x, bfloat16[1, 1, 3, 3] w) => (bfloat16[1, 1, 2, 2] y) { y = Conv(x, w) })"),
              HasSubstr("Conv"));
}

TEST(TypeCheck, SeesWhatCouldHaveConverted) {
  EXPECT_EQ(problem(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[3] x) => (float[3] y) { y = Relu(x) })"),
            "node 'y' (Relu) has the f32 input 'x' and could have f16");
}

TEST(TypeCheck, SeesCastsThatUndoEachOther) {
  EXPECT_EQ(problem(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float16[3] x) => (float16[3] y) { a = Cast <to = 1> (x)  y = Cast <to = 10> (a) })"),
            "node 'y' (Cast) undoes node 'a' (Cast)");
}

TEST(TypeCheck, TypesOfEveryNode) {
  const auto types = node_types(parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (bool c, float[3] x) => (float[3] y) {
        y = If (c) <then_branch = then () => (float[3] t) { h = Cast <to = 10> (x)  t = Cast <to = 1> (h) },
                    else_branch = other () => (float[3] e) { e = Identity(x) }> })"));
  ASSERT_TRUE(types.has_value());
  ASSERT_EQ(types->size(), 4U);
  EXPECT_EQ((*types)[1].scope, "y/then_branch");
  EXPECT_THAT((*types)[1].outputs, ElementsAre(ElementType::f16));
  EXPECT_THAT((*types)[2].inputs, ElementsAre(ElementType::f16));
  EXPECT_EQ((*types)[3].scope, "y/else_branch");
}

}  // namespace
}  // namespace trtprof
