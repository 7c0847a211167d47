// Quantiles against R's qt() and the tables of any textbook.
#include "trtprof/compare/student.h"

#include <limits>

#include <gtest/gtest.h>

namespace trtprof::test {
namespace {

TEST(Student, IsThatOfTheTables) {
  EXPECT_NEAR(two_sided_t(0.95, 1), 12.70620474, 1e-6);
  EXPECT_NEAR(two_sided_t(0.95, 2), 4.30265273, 1e-7);
  EXPECT_NEAR(two_sided_t(0.95, 4), 2.77644511, 1e-7);
  EXPECT_NEAR(two_sided_t(0.95, 9), 2.26215716, 1e-7);
  EXPECT_NEAR(two_sided_t(0.975, 4), 3.49540593, 1e-7);
  EXPECT_NEAR(two_sided_t(0.99, 19), 2.86093461, 1e-7);
  EXPECT_NEAR(two_sided_t(0.95, 1000), 1.96233908, 1e-7);
}

TEST(Student, IsTheNormalDistributionInTheLimit) {
  EXPECT_NEAR(two_sided_t(0.95, std::numeric_limits<double>::infinity()), 1.95996398, 1e-7);
  EXPECT_NEAR(two_sided_t(0.95, 1e6), 1.95996636, 1e-6);
}

TEST(Student, TakesDegreesThatAreNotWhole) {
  const double between = two_sided_t(0.95, 4.5);
  EXPECT_GT(between, two_sided_t(0.95, 5));
  EXPECT_LT(between, two_sided_t(0.95, 4));
}

TEST(Student, QuantileAndProbabilityAreInverse) {
  for (const double degrees : {1.0, 2.7, 4.0, 30.0, 1e5}) {
    for (const double level : {0.5, 0.95, 0.999, 0.9999}) {
      EXPECT_NEAR(t_within(two_sided_t(level, degrees), degrees), level, 1e-9) << degrees;
    }
  }
}

}  // namespace
}  // namespace trtprof::test
