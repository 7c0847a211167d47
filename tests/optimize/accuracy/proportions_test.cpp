#include "trtprof/optimize/accuracy/proportions.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

// Newcombe, Statist. Med. 17 (1998), table I.
TEST(Proportions, WilsonsIntervalAsPublished) {
  const Interval a = wilson_interval(81, 263);
  EXPECT_NEAR(a.low, 0.2553, 1e-4);
  EXPECT_NEAR(a.high, 0.3662, 1e-4);
  const Interval b = wilson_interval(15, 148);
  EXPECT_NEAR(b.low, 0.0624, 1e-4);
  EXPECT_NEAR(b.high, 0.1605, 1e-4);
  const Interval c = wilson_interval(0, 20);
  EXPECT_NEAR(c.low, 0.0, 1e-12);
  EXPECT_NEAR(c.high, 0.1611, 1e-4);
  const Interval d = wilson_interval(29, 29);
  EXPECT_NEAR(d.low, 0.8830, 1e-4);
  EXPECT_NEAR(d.high, 1.0, 1e-12);
}

TEST(Proportions, ADropCountsWhereTheTwoDiffer) {
  EXPECT_DOUBLE_EQ(paired_drop({200, 7, 3}), 0.02);
  EXPECT_DOUBLE_EQ(paired_drop({200, 3, 7}), -0.02);
  EXPECT_DOUBLE_EQ(paired_drop({0, 0, 0}), 0.0);
}

// Clopper and Pearson of 7 in 10 is 0.3475 to 0.9333.
TEST(Proportions, TheIntervalOfADropIsExact) {
  const Interval interval = paired_drop_interval({200, 7, 3});
  EXPECT_NEAR(interval.low, (2 * 0.3475 - 1) * 10 / 200, 1e-5);
  EXPECT_NEAR(interval.high, (2 * 0.9333 - 1) * 10 / 200, 1e-5);
  const Interval none = paired_drop_interval({200, 0, 0});
  EXPECT_EQ(none.low, 0.0);
  EXPECT_EQ(none.high, 0.0);
  const Interval one_sided = paired_drop_interval({100, 5, 0});
  EXPECT_NEAR(one_sided.low, (2 * 0.4782 - 1) * 0.05, 1e-5);
  EXPECT_NEAR(one_sided.high, 0.05, 1e-12);
}

TEST(Proportions, McNemarsExactTest) {
  EXPECT_NEAR(mcnemar_p({200, 7, 3}), 0.34375, 1e-9);
  EXPECT_NEAR(mcnemar_p({200, 3, 7}), 0.34375, 1e-9);
  EXPECT_NEAR(mcnemar_p({200, 10, 0}), 2.0 / 1024, 1e-12);
  EXPECT_EQ(mcnemar_p({200, 5, 5}), 1.0);
  EXPECT_EQ(mcnemar_p({200, 0, 0}), 1.0);
}

TEST(Proportions, LargeCountsDoNotOverflow) {
  EXPECT_LT(mcnemar_p({100'000, 6000, 4000}), 1e-80);
  const Interval interval = paired_drop_interval({100'000, 6000, 4000});
  EXPECT_NEAR(interval.low, 0.018, 5e-4);
  EXPECT_NEAR(interval.high, 0.022, 5e-4);
}

}  // namespace
}  // namespace trtprof
