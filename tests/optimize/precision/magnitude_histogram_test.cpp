#include "trtprof/optimize/precision/magnitude_histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(MagnitudeHistogram, PercentilesAreRightTo4Percent) {
  std::mt19937 generator(3);
  std::lognormal_distribution<float> spread(0.0F, 4.0F);
  MagnitudeHistogram histogram;
  std::vector<float> all;
  for (int i = 0; i < 50'000; ++i) {
    const float value = spread(generator) * (i % 2 == 0 ? 1.0F : -1.0F);
    histogram.add(value);
    all.push_back(std::abs(value));
  }
  std::ranges::sort(all);
  for (const double percent : {1.0, 50.0, 99.0, 99.9, 100.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * 50'000)) - 1;
    EXPECT_NEAR(*histogram.percentile(percent) / double{all[rank]}, 1.0, 0.04) << percent;
  }
}

TEST(MagnitudeHistogram, ZerosAndWhatIsNoNumberAreCountedApart) {
  MagnitudeHistogram histogram;
  EXPECT_FALSE(histogram.percentile(50).has_value());
  for (int i = 0; i < 6; ++i) histogram.add(0.0F);
  for (int i = 0; i < 4; ++i) histogram.add(-8.0F);
  histogram.add(std::nanf(""));
  histogram.add(std::numeric_limits<float>::infinity());
  histogram.add(std::numeric_limits<float>::max());
  EXPECT_EQ(histogram.count(), 11U);
  EXPECT_EQ(histogram.zeros(), 6U);
  EXPECT_EQ(histogram.not_finite(), 2U);
  EXPECT_EQ(histogram.percentile(50), 0.0);
  EXPECT_NEAR(*histogram.percentile(90), 8.0, 0.3);
  EXPECT_GT(*histogram.percentile(100), 3e38);
}

}  // namespace
}  // namespace trtprof
