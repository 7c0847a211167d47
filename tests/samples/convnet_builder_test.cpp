#include "trtprof/samples/convnet_builder.h"

#include <gtest/gtest.h>

namespace trtprof::samples {
namespace {

// The channel counts of torchvision's mobilenet_v2 at width multipliers 0.35, 0.75 and 1.4.
TEST(RoundChannels, AsTheMobileNetPapersDo) {
  EXPECT_EQ(round_channels(32 * 0.35), 16);  // 8 would lose more than a tenth of 11.2
  EXPECT_EQ(round_channels(16 * 0.35), 8);
  EXPECT_EQ(round_channels(24 * 0.35), 8);
  EXPECT_EQ(round_channels(160 * 0.35), 56);
  EXPECT_EQ(round_channels(24 * 0.75), 24);  // 18 rounds to 16, which is under 90 %
  EXPECT_EQ(round_channels(320 * 1.4), 448);
  EXPECT_EQ(round_channels(1280), 1280);
  EXPECT_EQ(round_channels(0.01), 8);
}

}  // namespace
}  // namespace trtprof::samples
