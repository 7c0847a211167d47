#include "trtprof/optimize/calibrate/activation_histogram.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/calibrate/distributions.h"

namespace trtprof {
namespace {

using test::distribution;
using test::histogram_of;

std::uint64_t sum(std::span<const std::uint64_t> bins) {
  return std::accumulate(bins.begin(), bins.end(), std::uint64_t{0});
}

std::vector<std::uint64_t> copied(std::span<const std::uint64_t> bins) {
  return {bins.begin(), bins.end()};
}

TEST(ActivationHistogram, NothingSeen) {
  const ActivationHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_TRUE(histogram.bins().empty());
  EXPECT_EQ(histogram.absmax(), 0.0);
  EXPECT_EQ(histogram.share_above(0.0), 0.0);
}

TEST(ActivationHistogram, ZerosAndWhatIsNotFiniteAreApart) {
  const float inf = std::numeric_limits<float>::infinity();
  const ActivationHistogram histogram = histogram_of(std::vector<float>{0, -0.0F, inf, -inf, NAN, 1, -3});
  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_EQ(histogram.zeros(), 2U);
  EXPECT_EQ(histogram.not_finite(), 3U);
  EXPECT_EQ(histogram.min(), -3.0);
  EXPECT_EQ(histogram.max(), 1.0);
  EXPECT_EQ(histogram.absmax(), 3.0);
  EXPECT_EQ(sum(histogram.bins()), 2U);
}

TEST(ActivationHistogram, ANumberLiesInItsBin) {
  const ActivationHistogram histogram = histogram_of(std::vector<float>{0.5F, -1.25F, 1.999F, 1e-20F});
  EXPECT_EQ(histogram.bin_width(), 2.0 / ActivationHistogram::kBins);
  const auto bins = histogram.bins();
  EXPECT_EQ(bins[0], 1U);
  EXPECT_EQ(bins[1024], 1U);
  EXPECT_EQ(bins[2560], 1U);
  EXPECT_EQ(bins.size(), 4094U);
  EXPECT_EQ(bins.back(), 1U);
}

// A power of two is the lower edge of a bin, not the limit itself.
TEST(ActivationHistogram, TheLimitIsAboveTheLargest) {
  const ActivationHistogram histogram = histogram_of(std::vector<float>{4});
  EXPECT_EQ(histogram.bin_width(), 8.0 / ActivationHistogram::kBins);
  EXPECT_EQ(histogram.bins().size(), ActivationHistogram::kBins / 2 + 1);
}

TEST(ActivationHistogram, WideningLosesNoCount) {
  ActivationHistogram histogram;
  std::uint64_t added = 0;
  for (const float scale : {1e-30F, 1e-3F, 1.0F, 77.0F, 1e10F, 3e38F}) {
    auto numbers = distribution("normal", 1000);
    for (float& number : numbers) number = std::clamp(number / 4, -1.0F, 1.0F) * scale;
    histogram.add(numbers);
    added += numbers.size();
    EXPECT_EQ(sum(histogram.bins()) + histogram.zeros(), added);
    EXPECT_LE(histogram.bins().size(), ActivationHistogram::kBins);
    EXPECT_GT(histogram.bins().size(), ActivationHistogram::kBins / 2);
  }
}

TEST(ActivationHistogram, SubnormalNumbersHaveBinsToo) {
  const float least = std::numeric_limits<float>::denorm_min();
  const ActivationHistogram histogram = histogram_of(std::vector<float>{least, 3 * least});
  EXPECT_EQ(sum(histogram.bins()), 2U);
  EXPECT_EQ(histogram.absmax(), 3.0 * least);
}

TEST(ActivationHistogram, TheOrderMakesNoDifference) {
  auto numbers = distribution("outliers");
  const ActivationHistogram forward = histogram_of(numbers);
  std::ranges::shuffle(numbers, std::mt19937(5));
  const ActivationHistogram shuffled = histogram_of(numbers);
  EXPECT_EQ(copied(forward.bins()), copied(shuffled.bins()));
  EXPECT_EQ(forward.bin_width(), shuffled.bin_width());
}

TEST(ActivationHistogram, MergedIsAsOneStream) {
  const auto small = distribution("normal", 3000);
  const auto large = distribution("outliers", 7000);
  auto whole = small;
  whole.insert(whole.end(), large.begin(), large.end());
  const ActivationHistogram together = histogram_of(whole);
  for (const auto& [first, second] : {std::pair(small, large), std::pair(large, small)}) {
    ActivationHistogram merged = histogram_of(first);
    merged.merge(histogram_of(second));
    EXPECT_EQ(copied(merged.bins()), copied(together.bins()));
    EXPECT_EQ(merged.count(), 10000U);
    EXPECT_EQ(merged.min(), together.min());
    EXPECT_EQ(merged.max(), together.max());
  }
  ActivationHistogram empty;
  empty.merge(together);
  empty.merge(ActivationHistogram{});
  EXPECT_EQ(copied(empty.bins()), copied(together.bins()));
}

TEST(ActivationHistogram, TheShareAboveAThreshold) {
  const auto numbers = distribution("exponential");
  const ActivationHistogram histogram = histogram_of(numbers);
  EXPECT_EQ(histogram.share_above(histogram.absmax()), 0.0);
  EXPECT_NEAR(histogram.share_above(0.0), 0.5, 1e-9);
  for (const double threshold : {0.1, 1.0, 3.3, 7.0}) {
    const auto above = std::ranges::count_if(numbers, [&](float number) { return number > threshold; });
    EXPECT_NEAR(histogram.share_above(threshold), static_cast<double>(above) / static_cast<double>(numbers.size()),
                2e-4);
  }
}

}  // namespace
}  // namespace trtprof
