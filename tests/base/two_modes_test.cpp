#include "trtprof/base/two_modes.h"

#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include "measure/streams.h"

namespace trtprof {
namespace {

using namespace test;

std::vector<double> take(int count, Stream stream) {
  std::vector<double> samples;
  for (int i = 0; i < count; ++i) samples.push_back(stream());
  return samples;
}

TEST(FindTwoModes, FindsTwoGroupsOfAnyShares) {
  for (const double share : {0.15, 0.5, 0.85}) {
    const auto modes = find_two_modes(take(3000, bimodal(1e-3, 1.1e-3, share, 5)));
    ASSERT_TRUE(modes) << share;
    EXPECT_NEAR(modes->fast, 1e-3, 1e-5);
    EXPECT_NEAR(modes->slow, 1.1e-3, 1e-5);
    EXPECT_NEAR(modes->slow_share, share, 0.03);
  }
}

TEST(FindTwoModes, DistributionsWithOneHumpHaveNone) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const int count : {50, 100, 1000}) {
      EXPECT_FALSE(find_two_modes(take(count, noisy(1e-3, 0.1, seed)))) << seed;
      EXPECT_FALSE(find_two_modes(take(count, log_normal(1e-3, 0.5, seed)))) << seed;
      Noise noise(seed);
      EXPECT_FALSE(find_two_modes(take(count, [&] { return 1e-3 * (1.0 + noise.uniform()); }))) << seed;
      EXPECT_FALSE(find_two_modes(take(count, [&] { return 1e-3 - 1e-3 * std::log(1.0 - noise.uniform()); }))) << seed;
    }
  }
}

TEST(FindTwoModes, SpikesAndNeighbouringTicksOfTheClockAreNoModes) {
  int n = 0;
  EXPECT_FALSE(find_two_modes(take(1000, [&] { return ++n % 20 == 0 ? 5e-3 : 1e-3; })));
  EXPECT_FALSE(find_two_modes(take(1000, [&] { return ++n % 2 == 0 ? 1.000e-3 : 1.001e-3; })));
  EXPECT_FALSE(find_two_modes(take(1000, constant(1e-3))));
  EXPECT_FALSE(find_two_modes(take(49, bimodal(1e-3, 2e-3, 0.5, 6))));
}

}  // namespace
}  // namespace trtprof
