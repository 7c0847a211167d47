#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "trtprof/report/report.h"

namespace trtprof {
namespace {

TEST(TimeByClass, AddsLayersOfAClassLargestFirst) {
  const std::vector<ClassShare> shares = time_by_class(*test::guide_profile().layer_run);
  ASSERT_EQ(shares.size(), 6U);
  EXPECT_EQ(shares[0].layer_class, LayerClass::convolution);
  EXPECT_EQ(shares[0].layers, 6);
  EXPECT_NEAR(shares[0].seconds, 10.3711e-3, 1e-12);
  EXPECT_NEAR(shares[0].share, 10.3711 / 13.7654, 1e-9);
  EXPECT_EQ(shares[1].layer_class, LayerClass::fully_connected);
  EXPECT_EQ(shares[5].layer_class, LayerClass::activation);
}

TEST(TimeByClass, SharesAddToOne) {
  for (const Profile& profile : {test::guide_profile(), test::full_profile()}) {
    const std::vector<ClassShare> shares = time_by_class(*profile.layer_run);
    EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0,
                                [](double sum, const ClassShare& share) { return sum + share.share; }),
                1.0, 1e-12);
  }
}

TEST(TimeByClass, HasNothingToShareWithoutLayers) {
  EXPECT_TRUE(time_by_class({}).empty());
}

TEST(TimeByClass, SharesAreZeroWhenNoLayerTookTime) {
  LayerRun run;
  run.layers = {test::layer_taking("a", LayerClass::shuffle, 0.0), Layer{}};
  const std::vector<ClassShare> shares = time_by_class(run);
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares[0].share, 0.0);
  EXPECT_EQ(shares[1].share, 0.0);
  EXPECT_EQ(shares[0].layers + shares[1].layers, 2);
}

}  // namespace
}  // namespace trtprof
