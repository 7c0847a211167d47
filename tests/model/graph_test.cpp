#include "trtprof/model/graph.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(GraphNode, IsCalledByItsNameElseByItsFirstOutput) {
  GraphNode node;
  node.op_type = "Split";
  EXPECT_EQ(node.display_name(), "");
  node.outputs = {"", "b", "c"};
  EXPECT_EQ(node.display_name(), "b");
  node.name = "split1";
  EXPECT_EQ(node.display_name(), "split1");
}

TEST(ValueInfo, ShowsSymbolsAndOpenDimensions) {
  const ValueInfo x{"x", ElementType::f32, {{{{}, "batch"}, {3, ""}, {{}, ""}, {224, ""}}}};
  EXPECT_EQ(to_string(x), "x: f32 [batch, 3, ?, 224]");
  EXPECT_EQ(to_string(ValueInfo{"s", ElementType::i64, std::vector<Dimension>{}}), "s: i64 []");
  EXPECT_EQ(to_string(ValueInfo{"r", ElementType::f16, std::nullopt}), "r: f16 (rank not known)");
}

TEST(ValueInfo, CannotMoveTheCursor) {
  const ValueInfo evil{"a\x1b[2J", ElementType::f32, {{{{}, "n\n"}}}};
  EXPECT_EQ(to_string(evil).find_first_of("\x1b\n"), std::string::npos);
}

}  // namespace
}  // namespace trtprof
