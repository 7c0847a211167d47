#include "trtprof/import/nvtx_stack.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(NvtxStack, TheInnermostRangeHoldsAMoment) {
  const RangeIndex index({{0, 100, 1, 0}, {10, 40, 1, 1}, {20, 30, 1, 2}, {50, 60, 1, 3}, {0, 100, 2, 4}});
  const auto name_at = [&](std::int64_t thread, std::int64_t moment) {
    const TimedRange* range = index.innermost(thread, moment);
    return range == nullptr ? -1 : static_cast<int>(range->name);
  };
  EXPECT_EQ(name_at(1, 25), 2);
  EXPECT_EQ(name_at(1, 35), 1);
  EXPECT_EQ(name_at(1, 45), 0);
  EXPECT_EQ(name_at(1, 55), 3);
  EXPECT_EQ(name_at(1, 100), 0);
  EXPECT_EQ(name_at(1, 101), -1);
  EXPECT_EQ(name_at(2, 25), 4);
  EXPECT_EQ(name_at(3, 25), -1);
  EXPECT_EQ(name_at(1, -1), -1);
}

TEST(NvtxStack, OfRangesThatStartTogetherTheShorterIsWithin) {
  const RangeIndex index({{0, 10, 1, 0}, {0, 100, 1, 1}});
  EXPECT_EQ(index.innermost(1, 5)->name, 0U);
  EXPECT_EQ(index.innermost(1, 50)->name, 1U);
}

}  // namespace
}  // namespace trtprof
