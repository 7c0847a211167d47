#include "trtprof/import/ncu_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NcuColumns, OfTheRawPage) {
  const auto columns = ncu_columns({"ID", "Process ID", "thread Domain:Push/Pop_Range:PL_Type:PL_Value", "Kernel Name",
                                    "Context", "Block Size", "Grid Size", "CC", "a__b.sum", "c__d.avg"});
  ASSERT_TRUE(columns);
  EXPECT_FALSE(columns->details());
  EXPECT_EQ(columns->count, 10U);
  EXPECT_EQ(columns->kernel, 3U);
  EXPECT_THAT(columns->nvtx, ElementsAre(2));
  EXPECT_THAT(columns->metrics, ElementsAre(8, 9));
}

TEST(NcuColumns, OfTheDetailsPage) {
  const auto columns = ncu_columns({"ID", "Kernel Name", "Section Name", "Metric Name", "Metric Unit", "Metric Value",
                                    "Rule Name", "Estimated Speedup"});
  ASSERT_TRUE(columns);
  EXPECT_TRUE(columns->details());
  EXPECT_THAT(columns->metrics, IsEmpty());
}

TEST(NcuColumns, OtherTablesAreNone) {
  EXPECT_FALSE(ncu_columns({"ID", "Name"}));
  EXPECT_FALSE(ncu_columns({"Kernel Name", "x"}));
}

TEST(NcuColumns, ARowBeginsWithItsNumber) {
  EXPECT_TRUE(begins_ncu_row("\"12\",\"a\"", false));
  EXPECT_TRUE(begins_ncu_row("12,a", false));
  EXPECT_TRUE(begins_ncu_row("\"\",\"\"", true));
  EXPECT_FALSE(begins_ncu_row("\"\",\"\"", false));
  EXPECT_FALSE(begins_ncu_row("12 passes", false));
  EXPECT_FALSE(begins_ncu_row("0.1194 2.7% /features", false));
  EXPECT_FALSE(begins_ncu_row("==PROF== Disconnected", true));
}

TEST(NcuColumns, Dimensions) {
  EXPECT_THAT(parse_dimensions("(1, 196, 1)"), ElementsAre(1, 196, 1));
  EXPECT_THAT(parse_dimensions("128x2"), ElementsAre(128, 2));
  EXPECT_THAT(parse_dimensions("n/a"), IsEmpty());
  EXPECT_THAT(parse_dimensions(""), IsEmpty());
}

}  // namespace
}  // namespace trtprof
