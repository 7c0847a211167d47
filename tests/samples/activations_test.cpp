#include "trtprof/samples/activations.h"

#include <gtest/gtest.h>

namespace trtprof::samples {
namespace {

TEST(Moments, AreThoseOfAChannelOverImagesAndPositions) {
  Activations x(2, 2, 1, 2);
  x.values = {1, 2, 10, 10, 3, 6, 10, 10};
  const std::vector<Moments> moments = moments_of(x);
  EXPECT_FLOAT_EQ(moments[0].mean, 3.0F);
  EXPECT_FLOAT_EQ(moments[0].variance, 3.5F);
  EXPECT_FLOAT_EQ(moments[1].mean, 10.0F);
  EXPECT_FLOAT_EQ(moments[1].variance, 0.0F);
}

TEST(ScaleClipAdd, ActOnEveryValue) {
  Activations x(1, 2, 1, 2);
  x.values = {1, 2, 3, 4};
  scale_channels(x, std::vector<float>{2, -1}, std::vector<float>{1, 0});
  EXPECT_EQ(x.values, (std::vector<float>{3, 5, -3, -4}));
  clip(x, 0.0F, 4.0F);
  EXPECT_EQ(x.values, (std::vector<float>{3, 4, 0, 0}));
  add(x, x);
  EXPECT_EQ(x.values, (std::vector<float>{6, 8, 0, 0}));
}

TEST(ScalePlanes, MultipliesEachPlaneByItsGate) {
  Activations x(2, 2, 1, 2);
  x.values = {1, 2, 3, 4, 5, 6, 7, 8};
  Activations gates(2, 2, 1, 1);
  gates.values = {0, 1, 0.5F, 2};
  scale_planes(x, gates);
  EXPECT_EQ(x.values, (std::vector<float>{0, 0, 3, 4, 2.5F, 3, 14, 16}));
}

TEST(AveragePlanes, IsThatOfEachPlane) {
  Activations x(1, 3, 2, 2);
  x.values = {1, 2, 3, 6, -1, 1, -1, 1, 5, 5, 5, 5};
  const Activations averages = average_planes(x);
  EXPECT_EQ(averages.channels, 3);
  EXPECT_EQ(averages.positions(), 1);
  EXPECT_EQ(averages.values, (std::vector<float>{3, 0, 5}));
}

// Negative values, so that padding with zeros would show.
TEST(MaxPool, TakesTheLargestInsideThePlane) {
  Activations x(1, 1, 4, 5);
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = -static_cast<float>(i + 1);
  const Activations y = max_pool(x, 3, 2, 1);
  EXPECT_EQ(y.height, 2);
  EXPECT_EQ(y.width, 3);
  EXPECT_EQ(y.values, (std::vector<float>{-1, -2, -4, -6, -7, -9}));
  EXPECT_EQ(max_pool(x, 1, 1, 0).values, x.values);
}

}  // namespace
}  // namespace trtprof::samples
